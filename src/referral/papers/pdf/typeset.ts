/** Measures a text in points, as it will be drawn. */
export type Measure = (text: string) => number;

/** A stretch of text of one kind: filled into a blank, so with a line under it, or not. */
export interface Stretch {
  text: string;
  isFilled: boolean;
}

/** Stretches that stand on one line, with their places from its left end, in points. */
export interface SetLine {
  stretches: (Stretch & { x: number; width: number })[];
}

/** What no line begins with, and what none ends with (禁则). */
const noStart = /^[\u3001\u3002\uff0c\uff1a\uff1b\uff01\uff1f\uff09\u300b\u300d\u3015\u2026,.:;!?)%\]\u2103]/;
const noEnd = /[\uff08\u300a\u300c\u3014([]$/;

/** What is not broken unless it is longer than a line: numbers, Latin words and what is between them. */
const words = /[\p{Script=Latin}\d][\p{Script=Latin}\d.,/+\-–:%_@'*]*|\P{M}\p{M}*/gsu;

/** Breaks stretches into lines of a width, in points; a line feed in them begins a new one. */
export function typeset(stretches: readonly Stretch[], width: number, measure: Measure): SetLine[] {
  const lines: SetLine[] = [{ stretches: [] }];
  let used = 0;
  const begin = () => {
    lines.push({ stretches: [] });
    used = 0;
  };
  const add = (text: string, isFilled: boolean, size: number) => {
    const line = lines.at(-1)!.stretches;
    const last = line.at(-1);
    if (last?.isFilled === isFilled) {
      last.text += text;
      last.width += size;
    } else line.push({ text, isFilled, x: used, width: size });
    used += size;
  };
  for (const { text, isFilled } of unbroken(stretches, width, measure)) {
    if (text === '\n') {
      begin();
      continue;
    }
    const size = measure(text);
    if (used + size > width && used > 0) begin();
    add(text, isFilled, size);
  }
  return lines;
}

/** The stretches in pieces that stay on one line each. */
function unbroken(stretches: readonly Stretch[], width: number, measure: Measure): Stretch[] {
  const pieces: Stretch[] = [];
  for (const { text, isFilled } of stretches) {
    for (const [word] of text.matchAll(words)) {
      const last = pieces.at(-1);
      const belongs =
        last &&
        last.isFilled === isFilled &&
        last.text !== '\n' &&
        (noStart.test(word) || noEnd.test(last.text));
      const parts = measure(word) > width ? [...word] : [word];
      if (belongs && parts.length === 1 && measure(last.text + word) <= width) last.text += word;
      else pieces.push(...parts.map((part) => ({ text: part, isFilled })));
    }
  }
  return pieces;
}
