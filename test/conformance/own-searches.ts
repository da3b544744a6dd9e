import type { Entries } from '../../src/fhir/search/entries.ts';
import type { Parameter, ParameterType } from '../../src/fhir/search/parameter.ts';
import type { SearchParameters } from '../../src/fhir/search/parameters.ts';

/** One parameter of a search. */
export type Criterion = readonly [name: string, value: string];

/** The searches that must find a resource because of what it says itself. */
export interface OwnSearches {
  /** Criteria on its type: all of them hold of it. */
  own: Criterion[];
  /** Criteria with `_contained=true` on the types of what it contains. */
  contained: Map<string, Criterion[]>;
  /** Why no search could be derived from an entry. */
  left: Set<string>;
}

/** The criteria that an entry stands for, or the reason why there are none. */
type Derived = Criterion[] | string;

/** Derives searches from each entry of a resource: from every term, interval and word. */
export function ownSearches(parameters: SearchParameters, type: string, entries: Entries): OwnSearches {
  const found: OwnSearches = { own: [], contained: new Map(), left: new Set() };
  const add = (list: Criterion[], derived: Derived) => {
    if (typeof derived !== 'string') list.push(...derived);
    else found.left.add(derived);
  };
  const addOf = (entry: string, derive: (of: Parameter, name: string, rest: string) => Derived) => {
    const bar = entry.indexOf('|');
    const [path, rest] = bar < 0 ? [entry, ''] : [entry.slice(0, bar), entry.slice(bar + 1)];
    const { container, name, parameter } = placeOf(parameters, type, path);
    const list = container === undefined ? found.own : (found.contained.get(container) ?? []);
    add(list, parameter ? derive(parameter, name, rest) : 'only says that something is contained');
    if (container !== undefined) found.contained.set(container, list);
  };

  for (const term of entries.terms) addOf(term, ofTerm);
  for (const { name, low, high } of entries.intervals)
    addOf(name, (parameter, path, rest) => ofInterval(parameter, path, rest, low, high));
  const [latitude, longitude] = ['latitude', 'longitude'].map((half) =>
    entries.intervals.find(({ name }) => name === `near.${half}`),
  );
  if (latitude && longitude) found.own.push(['near', `${latitude.low}|${longitude.low}|1|km`]);
  for (const word of entries.words) add(found.own, ofWord(word));
  return {
    own: distinct(found.own),
    contained: new Map([...found.contained].map(([inner, criteria]) => [inner, distinct(criteria)])),
    left: found.left,
  };
}

/** Several entries may stand for one search: `true` and `special-values|true`. */
function distinct(criteria: readonly Criterion[]): Criterion[] {
  return [...new Map(criteria.map((criterion) => [criterion.join('='), criterion])).values()];
}

interface Place {
  /** The type of the contained resources that are searched, where the resource itself is not. */
  container?: string;
  /** The name in the search, with the chain that leads to it and its modifier. */
  name: string;
  parameter: Parameter | undefined;
}

/** Takes apart `name`, `name:modifier`, `name:Type.name` and `#Type.name`. */
function placeOf(parameters: SearchParameters, type: string, path: string): Place {
  const [, container, inside] = /^#(\w+)\.(.*)$/.exec(path) ?? [];
  if (container !== undefined) return { ...placeOf(parameters, container, inside!), container };
  const [, reference, target, onward] = /^([^:.]+):([A-Z]\w*)\.(.*)$/.exec(path) ?? [];
  if (target !== undefined) {
    const { name, parameter } = placeOf(parameters, target, onward!);
    return { name: `${reference}:${target}.${name}`, parameter };
  }
  return { name: path, parameter: parameters.of(type).get(/^[^:.]*/.exec(path)![0]) };
}

function ofTerm(parameter: Parameter, name: string, rest: string): Derived {
  if (/…[\w-]{43}$/.test(rest)) return 'is a digest of a long value';
  if (name.endsWith(':of-type')) {
    const parts = rest.split('|');
    if (!parts.every(Boolean)) return 'is an identifier whose type has no system or code';
    return [[name, parts.map(escaped).join('|')]];
  }
  if (name.endsWith(':identifier')) return [[name, token(rest)]];
  if (name.endsWith(':text')) return [[name, escaped(rest.slice(1))]];
  if (parameter.type === 'composite') return [[name, parts(parameter, rest).join('$')]];
  if (parameter.type === 'string' && rest.startsWith('$')) return [[`${name}:exact`, escaped(rest.slice(1))]];
  if (parameter.type === 'token' && parameter.bare) return [[name, escaped(rest.replace(/^=|^.*\|/s, ''))]];
  return [[name, value(parameter.type, rest)]];
}

function value(type: ParameterType, rest: string): string {
  if (type === 'token') return token(rest);
  return escaped(rest.slice(1).replace(/\n$/, ''));
}

/** `=code`, `system|code`, `|code` or `system|`. */
function token(rest: string): string {
  if (rest.startsWith('=')) return escaped(rest.slice(1));
  const bar = rest.indexOf('|');
  return `${escaped(rest.slice(0, bar))}|${escaped(rest.slice(bar + 1))}`;
}

/** The values of the first parts of a composite; a `$` in a part is `\$`. */
function parts({ components }: Parameter, joined: string): string[] {
  return joined
    .split(/(?<!\\)\$/)
    .map((part, at) => value(components[0]![at]!.type, part.replaceAll('\\$', '$')));
}

function ofInterval(parameter: Parameter, name: string, rest: string, low: number, high: number): Derived {
  if (name.endsWith('.latitude') || name.endsWith('.longitude'))
    return 'is half of a position, which is searched as a whole';
  if (parameter.type !== 'composite')
    return ends(parameter.type, rest, low, high).map((end) => [name, end] as const);
  const [start, unit] = rest.split('$value') as [string, string];
  const before = parts(parameter, start);
  const [type, further] = parameter.components[0]!.slice(before.length).map((component) => component.type);
  const found = ends(type!, unit.replace(/^\|/, ''), low, high);
  // Start and end of a variant are two numbers, which make one interval.
  const values = further === undefined ? found : [found.join('$')];
  return values.map((end) => [name, [...before, end].join('$')] as const);
}

/** What an interval is found by: each of its ends that is not open. */
function ends(type: ParameterType, unit: string, low: number, high: number): string[] {
  const isOpen = (end: number) => Math.abs(end) === Number.MAX_VALUE;
  const [isAfter, isBefore] = type === 'date' ? ['sa', 'eb'] : ['ge', 'le'];
  const written = (end: number, step: number) =>
    type === 'date' ? new Date(end + step).toISOString() : `${end}${unitOf(unit)}`;
  return [
    ...(isOpen(low) ? [] : [isAfter + written(low, -1)]),
    ...(isOpen(high) ? [] : [isBefore + written(high, 1)]),
  ];
}

function unitOf(unit: string): string {
  if (unit === '') return '';
  return unit.startsWith('=') ? `||${escaped(unit.slice(1))}` : `|${token(unit)}`;
}

/** Quoted, since some words would be operators. */
function ofWord(word: string): Derived {
  const text = word.slice(2);
  if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u.test(text))
    return 'is a lone character';
  const names = word.startsWith('t|') ? ['_text', '_content'] : ['_content'];
  return names.map((name) => [name, `"${text}"`] as const);
}

function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}
