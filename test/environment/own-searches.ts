import type { Entries, Interval } from '../../src/fhir/search/entries.ts';
import type { Parameter } from '../../src/fhir/search/parameter.ts';

/** A criterion of a search, not percent-encoded. */
export type Criterion = readonly [name: string, value: string];

/**
 * The searches by which a resource must be found again: one for each of the values that it was indexed by, written
 * back into the form in which a client would ask for it.
 */
export function ownSearches(entries: Entries, parameters: ReadonlyMap<string, Parameter>): Criterion[][] {
  const terms = entries.terms
    .map((term) => ofTerm(term, parameters))
    .filter((criterion) => criterion !== undefined);
  return [
    ...terms.map((criterion) => [criterion]),
    ...entries.intervals.flatMap((interval) => ofInterval(interval, parameters)),
    ...entries.words
      .map(ofWord)
      .filter((criterion) => !isLone(criterion))
      .map((criterion) => [criterion]),
  ];
}

const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&');

function ofTerm(term: string, parameters: ReadonlyMap<string, Parameter>): Criterion | undefined {
  const bar = term.indexOf('|');
  const [name, modifier] = term.slice(0, bar).split(':') as [string, string?];
  const value = term.slice(bar + 1);
  const parameter = parameters.get(name);
  // What is inside of contained resources is found by chains.
  if (!parameter || modifier?.includes('.')) return undefined;
  if (modifier === 'text') return [`${name}:text`, escaped(value.slice(1, -1))];
  if (modifier === 'of-type') return [`${name}:of-type`, value.split('|').map(escaped).join('|')];
  if (modifier === 'identifier') return [`${name}:identifier`, token(value)];
  if (parameter.type === 'composite')
    return [
      name,
      value
        .split(/(?<!\\)\$/)
        .map((part, at) => component(part.replaceAll('\\$', '$'), parameter, at))
        .join('$'),
    ];
  switch (parameter.type) {
    case 'token':
      return [name, token(value)];
    case 'reference':
    case 'uri':
      return [name, escaped(value.slice(1))];
    case 'string':
      if (value.startsWith('~')) return [name, escaped(value.slice(1, -1))];
      return value.length > 1000 || value.includes('…')
        ? undefined
        : [`${name}:exact`, escaped(value.slice(1))];
    default:
      return undefined;
  }
}

function component(part: string, { components }: Parameter, at: number): string {
  switch (components[0]?.[at]?.type) {
    case 'token':
      return token(part);
    case 'string':
      return escaped(part.slice(1).replace(/\n$/, ''));
    default:
      return escaped(part.slice(1));
  }
}

/** `=code` and `system|code`; a code may itself have a bar in it, a system does not. */
function token(value: string): string {
  if (value.startsWith('=')) return escaped(value.slice(1));
  const bar = value.indexOf('|');
  return `${escaped(value.slice(0, bar))}|${escaped(value.slice(bar + 1))}`;
}

/** Both ends of the interval, as far as they are not open. */
function ofInterval(
  { name, low, high }: Interval,
  parameters: ReadonlyMap<string, Parameter>,
): Criterion[][] {
  const [code, ...suffix] = name.split('|') as [string, ...string[]];
  const parameter = parameters.get(code);
  if (!parameter || parameter.type === 'composite') return [];
  const value = (end: number) => {
    if (parameter.type === 'date') return new Date(end).toISOString();
    const [system, unit] = suffix.length > 1 ? suffix : ['', suffix[0]?.slice(1)];
    return unit === undefined ? `${end}` : `${end}|${escaped(system!)}|${escaped(unit)}`;
  };
  const ends: Criterion[] = [];
  if (isStated(low, parameter)) ends.push([code, `ge${value(low)}`]);
  if (isStated(high, parameter)) ends.push([code, `le${value(high)}`]);
  return [ends];
}

function isStated(end: number, { type }: Parameter): boolean {
  const year = type === 'date' ? new Date(end).getUTCFullYear() : 1;
  return Math.abs(end) !== Number.MAX_VALUE && year > 0 && year < 9999;
}

function ofWord(word: string): Criterion {
  return [word.startsWith('t|') ? '_text' : '_content', word.slice(2)];
}

/** Operators, and single characters of text without spaces, cannot be asked for alone. */
function isLone([, word]: Criterion): boolean {
  return (
    ['and', 'or', 'not'].includes(word) ||
    /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u.test(word)
  );
}
