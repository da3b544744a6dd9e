import { compareText } from './code-points.ts';
import { type Entries, type Interval, readerTerm } from './entries.ts';
import type { Bounds, Query } from './query.ts';

/** A current resource as searches see it. */
export interface Searchable {
  type: string;
  id: string;
  /** `meta.lastUpdated`, in milliseconds. */
  updated: number;
  entries: Entries;
}

/** The other current resources, which chains (`patient.identifier`) and `_has` lead to. */
export interface Others {
  find(type: string, id: string): Searchable | undefined;
  all(type: string): Iterable<Searchable>;
}

/** For queries without chains and `_has`. */
export const noOthers: Others = { find: () => undefined, all: () => [] };

/**
 * True when the resource matches the query: the meaning of a query, to which both engines are held.
 * `_has` walks through all the sources that `others` knows, so it is for small sets.
 */
export function matches(query: Query, resource: Searchable, others: Others = noOthers): boolean {
  const { terms, intervals, words } = resource.entries;
  switch (query.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'and':
      return query.of.every((part) => matches(part, resource, others));
    case 'or':
      return query.of.some((part) => matches(part, resource, others));
    case 'not':
      return !matches(query.of, resource, others);
    case 'id':
      return query.ids.includes(resource.id);
    case 'updated':
      return isWithin(resource.updated, query.is);
    case 'term':
      return terms.includes(query.term);
    case 'readers':
      return query.labels.some((label) => terms.includes(readerTerm(label)));
    case 'terms':
      return terms.some((term) => compareText(term, query.low) >= 0 && compareText(term, query.high) < 0);
    case 'contains':
      return terms.some(
        (term) => term.startsWith(query.prefix) && term.includes(query.text, query.prefix.length),
      );
    case 'word':
      return words.includes(query.word);
    case 'interval':
      return intervals.some((interval) => isMeant(interval, query));
    case 'chain': {
      const prefix = `${query.name}|>${query.target}/`;
      return terms.some((term) => {
        if (!term.startsWith(prefix)) return false;
        const target = others.find(query.target, term.slice(prefix.length));
        return target !== undefined && matches(query.filter, target, others);
      });
    }
    case 'has': {
      const reference = `${query.name}|>${resource.type}/${resource.id}`;
      for (const source of others.all(query.source))
        if (source.entries.terms.includes(reference) && matches(query.filter, source, others)) return true;
      return false;
    }
    default:
      throw new TypeError(`Unknown query ${query satisfies never}`);
  }
}

function isMeant(interval: Interval, query: { name: string; low?: Bounds; high?: Bounds }): boolean {
  return (
    interval.name === query.name &&
    isWithin(interval.low, query.low ?? {}) &&
    isWithin(interval.high, query.high ?? {})
  );
}

function isWithin(value: number, { gt, gte, lt, lte }: Bounds): boolean {
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}
