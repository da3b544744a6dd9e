import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements } from '../../fhir/elements.ts';
import type { Coding, Element, Resource } from '../../fhir/resource.ts';
import { englishOf } from './fields.ts';

/** What may be written for the codes of a field. */
export interface CodeTable {
  /** The code that is meant; undefined where nothing is known of it. */
  find(written: string): Coding | undefined;
  /** All that may be written. */
  words: readonly string[];
  /** The codes, each once. */
  codings: readonly Coding[];
}

/** Something that may be written, and the code that it stands for. */
export interface Word {
  words: string;
  coding: Coding;
}

/** The table of these words; what comes first counts. */
export function codeTable(words: readonly Word[]): CodeTable {
  const codings = new Map(words.map(({ coding }) => [`${coding.system}|${coding.code}`, coding]));
  // A code that is mapped to can be written itself, where nothing else is meant by it.
  const all = [...words, ...[...codings.values()].map((coding) => ({ words: String(coding.code), coding }))];
  const byWord = new Map<string, Coding>();
  for (const { words: written, coding } of all) {
    if (!byWord.has(valueKey(written))) byWord.set(valueKey(written), coding);
  }
  return {
    find: (written) => byWord.get(valueKey(written)),
    words: [...new Set(all.map(({ words: written }) => written))],
    codings: [...codings.values()],
  };
}

/** The codes of a system, and their names in both languages, as what may be written for them. */
export function ownCodes(definitions: Definitions, system: string | undefined): Word[] {
  const found = system === undefined ? undefined : definitions.find<Resource>('CodeSystem', system);
  return elements(found, 'concept').flatMap((concept) => {
    const display = String(concept.display ?? concept.code);
    const coding = { system, code: String(concept.code), display } as Coding;
    return wordsOf(concept, display).map((words) => ({ words, coding }));
  });
}

function wordsOf(concept: Element, display: string): string[] {
  return [String(concept.code), display, englishOf(concept)];
}

/** What is written is compared without regard to case, spaces and full-width forms. */
function valueKey(written: string): string {
  return written.normalize('NFKC').toLowerCase().replace(/\s+/gu, '');
}
