/**
 * Orders texts by code point, which is the order of their UTF-8 bytes and so that of the databases. JavaScript's
 * own `<` differs: it puts characters beyond U+FFFF (rare Chinese characters of names among them) before U+E000.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates, of which the characters beyond U+FFFF consist, rank above all other code units. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The range (`low` included, `high` excluded) that holds exactly the texts that start with `prefix`. */
export function startingWith(prefix: string): { low: string; high: string } {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    // The surrogate range is skipped: a lone surrogate is no character and has no UTF-8 form.
    if (last < 0x10ffff)
      return {
        low: prefix,
        high: points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1),
      };
  }
  throw new RangeError('A prefix must hold a character below U+10FFFF');
}
