import type { Resource } from '../resource.ts';
import { fold } from './text.ts';

/** Members whose strings are not text that people search for: addresses, data, and what the server writes. */
const passedOver: ReadonlySet<string> = new Set([
  'system',
  'url',
  'reference',
  'data',
  'meta',
  'div',
  'resourceType',
  'implicitRules',
]);

/** A resource is found by so many different words of its narrative, and as many of its content. */
const most = 2000;

/** A word that is longer is found by its beginning. */
const longest = 40;

/** So many characters of one text are looked through, in code units: runs of millions are beyond regular expressions. */
const longestText = 500_000;

/** Runs of characters of scripts that put no space between words, or a word of any other script. */
const runs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|[[\p{L}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]]+/gv;

const spaceless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const ascii = /^[\0-\x7f]*$/;
const asciiWords = /[a-z0-9]+/g;

/** Dates and times, which nobody searches for as text. */
const dateLike = /^\d{4}-\d\d/;

/**
 * The distinct words of a resource for `_text` and `_content` (http://hl7.org/fhir/R4/search.html#text): `t|word` of the
 * narrative, and `c|word` of the strings of everything else, where the narrative does not have it. A Chinese sentence
 * has no spaces: of it every pair of neighbours is a word, so that any word is found inside of it.
 */
export function wordsOf(resource: Resource): string[] {
  const narrative = new Set<string>();
  const { div } = (resource.text ?? {}) as { div?: unknown };
  if (typeof div === 'string') addWords(narrative, withoutTags(div.slice(0, 4 * longestText)));
  const content = new Set<string>();
  addContent(content, resource);
  return [
    ...Array.from(narrative, (word) => `t|${word}`),
    ...Array.from(content.difference(narrative), (word) => `c|${word}`),
  ];
}

function addContent(words: Set<string>, value: unknown): void {
  if (typeof value === 'string') {
    if (!value.includes('://') && !value.startsWith('urn:') && !dateLike.test(value)) addWords(words, value);
  } else if (Array.isArray(value)) for (const item of value) addContent(words, item);
  else if (typeof value === 'object' && value !== null) {
    for (const name in value)
      if (!passedOver.has(name)) addContent(words, (value as Record<string, unknown>)[name]);
  }
}

function addWords(words: Set<string>, text: string): void {
  for (const word of wordsIn(text)) {
    if (words.size >= most) return;
    words.add(word);
  }
}

/** The words of a text that a resource is found by. */
export function wordsIn(text: string): string[] {
  return split(text, (run) => {
    const characters = Array.from(run);
    // Next to letters or figures a single character can be a word, as in B超.
    return [characters[0]!, characters.at(-1)!, ...pairs(characters)];
  });
}

/** The words that stand for a text that is searched for: all of them are wanted. */
export function wordsWanted(text: string): string[] {
  return split(text, (run) => {
    const characters = Array.from(run);
    return characters.length === 1 ? characters : pairs(characters);
  });
}

/** True of a character of a script without spaces that stands alone: it is in too many texts to be found by. */
export function isLoneCharacter(text: string): boolean {
  return spaceless.test(text) && Array.from(text).length === 1;
}

function split(text: string, ofRun: (run: string) => string[]): string[] {
  const folded = fold(text.slice(0, longestText));
  if (ascii.test(folded)) return (folded.match(asciiWords) ?? []).map(bounded);
  return (folded.match(runs) ?? []).flatMap((run) => (spaceless.test(run) ? ofRun(run) : [bounded(run)]));
}

function pairs(characters: readonly string[]): string[] {
  return characters.slice(1).map((character, at) => characters[at]! + character);
}

function bounded(word: string): string {
  return word.length > longest ? word.slice(0, longest) : word;
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

function withoutTags(xhtml: string): string {
  return xhtml
    .replace(/<[^<>]*>?/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,8}));/gi, (all, decimal, hexadecimal, name) => {
      if (name !== undefined) return entities[name] ?? all;
      const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
    });
}
