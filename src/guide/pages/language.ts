/** The languages of the pages, the first one where none is asked for. */
export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * The part in one language of a text of the definitions, which have both: as `中文 / English`, line by line, or each in
 * paragraphs of its own. What comes in one language alone is given as it is.
 */
export function inLanguage(text: string, language: Language): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) =>
    paragraph
      .split('\n')
      .map((line) => partOf(line, language))
      .join('\n'),
  );
  const own = paragraphs.filter((paragraph) => languageOf(paragraph) === language);
  return (own.length > 0 ? own : paragraphs).join('\n\n');
}

/** One side of the slash that has Chinese before it and none behind it. */
function partOf(line: string, language: Language): string {
  for (let at = line.indexOf(' / '); at >= 0; at = line.indexOf(' / ', at + 1)) {
    const [zh, en] = [line.slice(0, at), line.slice(at + 3)];
    if (languageOf(zh) !== 'zh' || languageOf(en) !== 'en') continue;
    return language === 'zh' ? zh : `${zh.startsWith('- ') ? '- ' : ''}${en}`;
  }
  return line;
}

/** A Chinese text may name things in Latin letters, and an English one quote a Chinese word. */
function languageOf(text: string): Language {
  const characters = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = text.match(/[A-Za-z][A-Za-z'-]*/g)?.length ?? 0;
  return characters > words ? 'zh' : 'en';
}
