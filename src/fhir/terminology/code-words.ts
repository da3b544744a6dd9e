import { normalise } from '../search/text.ts';
import type { Filter } from './code-source.ts';
import { codesAbove, hasStructure } from './code-structure.ts';
import type { TableEntry } from './code-table.ts';
import { propertyValue } from './concept.ts';
import type { TypedText } from './typed-text.ts';

/**
 * The words by which the codes of a table are selected. The first letter says what a word is about. What they select may be
 * more than what is wanted, never less: it is tested afterwards.
 */
const about = {
  /** The code, normalised. */
  code: 'c',
  /** What the display or a designation has at some place: three characters, at its end fewer. */
  text: 't',
  /** The same of the first letters of the pinyin of the display. */
  initials: 'i',
  /** The code itself, and each one above it by a hierarchy that is given. */
  within: 'a',
  /** The same by the structure of the code. */
  withinStructure: 'b',
  /** Each one directly above it, where those are given. */
  child: 'p',
  /** That the code has such a structure, and no parent is given. */
  structured: 's',
  /** A property with its value. */
  property: 'q',
} as const;

/** So many characters of a text at one place are one word. */
const length = 3;

/** So many characters of the value of a property count. */
const longestValue = 100;

/** So many sets of words a selection may have. */
const mostSets = 32;

/** So many words of a text that was typed narrow enough, */
const mostWords = 8;

/** and so many places of each. */
const mostPlaces = 8;

/** A word that a concept must have, or that one of its words must begin with. */
export interface WordTest {
  word: string;
  isPrefix?: boolean;
}

/** All words of one of these sets. */
export type Selection = readonly (readonly WordTest[])[];

/** The words of a concept. */
export function wordsOf({ entry, parents, above, initials }: TableEntry): string[] {
  const { code, display = '', designation = [], property = [] } = entry;
  const isStructured = above === undefined && hasStructure(code);
  const texts = [display, ...designation.map(({ value }) => value)];
  return [
    ...new Set([
      word('code', normalise(code)),
      ...texts
        .flatMap((text) => normalise(text).split(' ').flatMap(places))
        .map((each) => word('text', each)),
      ...places(initials).map((each) => word('initials', each)),
      ...[code, ...(above ?? [])].map((each) => word('within', each)),
      ...(parents ?? []).map((each) => word('child', each)),
      ...(isStructured
        ? [
            word('structured', ''),
            ...[code, ...codesAbove(code)].map((each) => word('withinStructure', each)),
          ]
        : []),
      ...property.map((each) => propertyWord(each.code, propertyValue(each) ?? '')),
    ]),
  ];
}

/** By it the codes of a structured system are counted. */
export const ofStructured: readonly WordTest[] = [{ word: about.structured }];

/** By it those are counted whose parent is given. */
export const ofPlaced: readonly WordTest[] = [{ word: about.child, isPrefix: true }];

/** What selects the codes below one, itself included. */
export function withinWord(code: string, isStructured: boolean): WordTest {
  return { word: word(isStructured ? 'withinStructure' : 'within', code) };
}

/** What selects the codes directly below one, where parents are given. */
export function childWord(code: string): WordTest {
  return { word: word('child', code) };
}

/**
 * What selects the concepts that pass all filters and are found by a typed text, or more than those; undefined where no
 * word tells, so that all have to be looked at.
 */
export function selectionOf(
  filters: readonly Filter[],
  typed: TypedText | undefined,
  isStructured: boolean,
): Selection | undefined {
  const conditions = filters.map((filter) => testsOfFilter(filter, isStructured));
  if (typed) conditions.push(testsOfTyped(typed));
  const sets = conditions.reduce<WordTest[][]>(
    (all, some) =>
      some.length === 0 || all.length * some.length > mostSets
        ? all
        : all.flatMap((left) => some.map((right) => [...left, ...right])),
    [[]],
  );
  return sets.some((tests) => tests.length === 0) ? undefined : sets;
}

/** What the concepts have that pass a filter, all of one of these; none where no word tells. */
function testsOfFilter({ property, op, value }: Filter, isStructured: boolean): WordTest[][] {
  if (op === 'is-a' || op === 'descendent-of') return [[withinWord(value, isStructured)]];
  if ((op !== '=' && op !== 'in') || property === 'display') return [];
  const values = op === '=' ? [value] : value.split(',').map((each) => each.trim());
  const isCode = property === 'concept' || property === 'code';
  return values.map((each) => [
    { word: isCode ? word('code', normalise(each)) : propertyWord(property, each) },
  ]);
}

function propertyWord(property: string, value: string): string {
  return word('property', `${property}=${value.slice(0, longestValue)}`);
}

/** What the concepts have that are found by a typed text: all of one of these. */
function testsOfTyped({ text, words, isLetters }: TypedText): WordTest[][] {
  return [
    [{ word: word('code', text), isPrefix: true }],
    words.slice(0, mostWords).flatMap((each) => testsOfPlaces('text', each)),
    ...(isLetters ? [testsOfPlaces('initials', text)] : []),
  ];
}

function testsOfPlaces(kind: 'text' | 'initials', text: string): WordTest[] {
  const characters = [...text];
  if (characters.length < length) return [{ word: word(kind, text), isPrefix: true }];
  const whole = characters.length - length + 1;
  return Array.from({ length: Math.min(whole, mostPlaces) }, (_, at) => ({
    word: word(kind, characters.slice(at, at + length).join('')),
  }));
}

function places(text: string): string[] {
  const characters = [...text];
  return characters.map((_, at) => characters.slice(at, at + length).join(''));
}

/** Characters that no index takes for an end of the word: signs of ASCII are moved into the private use area of Unicode. */
function word(kind: keyof typeof about, text: string): string {
  return (
    about[kind] +
    text.toLowerCase().replace(/[\0-/:-`{-\x7f]/g, (sign) => String.fromCharCode(0xe000 + sign.charCodeAt(0)))
  );
}
