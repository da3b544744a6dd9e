import { normalise } from '../search/text.ts';
import type { Designation, Entry } from './concept.ts';

/**
 * The display of a concept in a language: a designation in it where there is one, else the display itself
 * (http://hl7.org/fhir/R4/codesystem.html#designations).
 *
 * @param wanted BCP 47 tags, best first; none: the display as it is
 * @param language the language of the display itself, where it is said
 */
export function displayOf(
  { display, designation = [] }: Entry,
  wanted: readonly string[],
  language?: string,
): string | undefined {
  for (const tag of wanted) {
    if (isOf(language, tag)) return display;
    const found = designation.find((each) => isOf(each.language, tag) && !isSynonym(each));
    if (found) return found.value;
  }
  return display;
}

/** Whether a text is what a concept is called, in whatever language, case and punctuation. */
export function isDisplayOf(text: string, { display, designation = [] }: Entry): boolean {
  const wanted = normalise(text);
  return [display, ...designation.map(({ value }) => value)].some(
    (each) => each !== undefined && normalise(each) === wanted,
  );
}

/** Whether a language is the wanted one, or a regional form of it: `zh-CN` is `zh`. */
export function isOf(language: string | undefined, wanted: string): boolean {
  const [own, tag] = [language?.toLowerCase(), wanted.toLowerCase()];
  return own !== undefined && (own === tag || own.startsWith(`${tag}-`) || tag.startsWith(`${own}-`));
}

function isSynonym({ use }: Designation): boolean {
  return use?.code !== undefined && /synonym|900000000000013009/i.test(use.code);
}
