import type { Place } from '../browser/matching.js';
import type { Language } from './language.ts';
import { addressOf } from './layout.ts';
import type { Page } from './page.ts';

/**
 * All places that searching leads to, for the script that searches in the browser.
 *
 * @param initials gives the first letters of the pinyin of a text: a Chinese title is found by them as well
 */
export function placesIn(
  pages: readonly Page[],
  language: Language,
  initials: (text: string) => string,
): Place[] {
  return pages.flatMap(({ path, chapter, finds }) =>
    finds.map(({ title, text, anchor }): Place => {
      const address = addressOf(path, language) + (anchor === undefined ? '' : `#${anchor}`);
      return [title, chapter, address, language === 'zh' ? `${text} ${initials(title)}` : text];
    }),
  );
}
