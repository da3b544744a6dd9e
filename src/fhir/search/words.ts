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

/** Runs of characters of scripts that put no space between words, or a word of any other script. */
const runs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}])+/gu;

const spaceless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const ascii = /^[\0-\x7f]*$/;
const asciiWords = /[a-z0-9]+/g;

/**
 * The distinct words of a resource for `_text` and `_content` (http://hl7.org/fhir/R4/search.html#text): `t|word` of the
 * narrative and `c|word` of the strings of everything else. A Chinese sentence has no spaces: of it every character
 * and every pair of neighbours is a word, so that any word is found inside of it.
 */
export function wordsOf(resource: Resource): string[] {
  const words = new Set<string>();
  const narrative = (resource.text as { div?: unknown } | undefined)?.div;
  if (typeof narrative === 'string') addWords(words, 't|', withoutTags(narrative));
  addContent(words, resource);
  return [...words];
}

function addContent(words: Set<string>, value: unknown): void {
  if (typeof value === 'string') {
    if (!value.includes('://') && !value.startsWith('urn:')) addWords(words, 'c|', value);
  } else if (Array.isArray(value)) for (const item of value) addContent(words, item);
  else if (typeof value === 'object' && value !== null) {
    for (const name in value)
      if (!passedOver.has(name)) addContent(words, (value as Record<string, unknown>)[name]);
  }
}

function addWords(words: Set<string>, prefix: string, text: string): void {
  for (const word of split(text)) {
    if (words.size >= most * 2) return;
    words.add(prefix + word);
  }
}

/** The words of a text, as resources are found by them. */
export function split(text: string): string[] {
  const folded = fold(text);
  if (ascii.test(folded)) return (folded.match(asciiWords) ?? []).map(bounded);
  return (folded.match(runs) ?? []).flatMap((run) =>
    spaceless.test(run) ? [...run, ...pairs(run)] : [bounded(run)],
  );
}

/** The words that together stand for a text that is searched for: of a longer run without spaces its pairs alone. */
export function wanted(text: string): string[] {
  const folded = fold(text);
  return (folded.match(runs) ?? []).flatMap((run) => {
    if (!spaceless.test(run)) return [bounded(run)];
    const found = pairs(run);
    return found.length > 0 ? found : [run];
  });
}

function pairs(run: string): string[] {
  const characters = Array.from(run);
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
