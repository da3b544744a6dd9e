import { startingWith } from './code-points.ts';

/**
 * A search, independent of any engine: each store compiles it, the matcher evaluates it in memory. What it speaks of
 * are the entries of one resource (see `entries.ts`).
 */
export type Query =
  | { kind: 'all' }
  | { kind: 'none' }
  | { kind: 'and'; of: readonly Query[] }
  | { kind: 'or'; of: readonly Query[] }
  | { kind: 'not'; of: Query }
  /** The resource's id is one of these. */
  | { kind: 'id'; ids: readonly string[] }
  /** `meta.lastUpdated`, in milliseconds. */
  | { kind: 'updated'; is: Bounds }
  /** It has exactly this term. */
  | { kind: 'term'; term: string }
  /** It has a term in `low` (included) … `high` (excluded), in code unit order. */
  | { kind: 'terms'; low: string; high: string }
  /** It has a term that starts with `prefix` and has `text` in what follows. */
  | { kind: 'contains'; prefix: string; text: string }
  /** It has this word. */
  | { kind: 'word'; word: string }
  /** Who has one of these labels may read it: it has `readerTerm` of one. Many resources meet it, so it finds none fast. */
  | { kind: 'readers'; labels: readonly string[] }
  /** It has an interval of that name whose two ends are within these bounds. */
  | { kind: 'interval'; name: string; low?: Bounds; high?: Bounds }
  /** It has a term `name|>target/[id]` of a current `target` resource that matches `filter`. */
  | { kind: 'chain'; name: string; target: string; filter: Query }
  /** A current `source` resource that matches `filter` has the term `name|>[type]/[id]` of this resource. */
  | { kind: 'has'; source: string; name: string; filter: Query };

/** All that are given hold. */
export interface Bounds {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

/** `key` is `_lastUpdated`, `_id`, or the name of a parameter: ascending by its smallest, descending by its largest value. */
export interface Sort {
  key: string;
  descending: boolean;
}

export const all: Query = { kind: 'all' };
export const none: Query = { kind: 'none' };

/** All of the queries hold; simplified where that is plain, and no deeper than it must be. */
export function and(queries: readonly Query[]): Query {
  const of = queries
    .flatMap((query) => (query.kind === 'and' ? query.of : [query]))
    .filter((query) => query.kind !== 'all');
  if (of.some((query) => query.kind === 'none')) return none;
  return of.length === 0 ? all : of.length === 1 ? of[0]! : { kind: 'and', of };
}

/** At least one of the queries holds; simplified where that is plain, and no deeper than it must be. */
export function or(queries: readonly Query[]): Query {
  const of = queries
    .flatMap((query) => (query.kind === 'or' ? query.of : [query]))
    .filter((query) => query.kind !== 'none');
  if (of.some((query) => query.kind === 'all')) return all;
  return of.length === 0 ? none : of.length === 1 ? of[0]! : { kind: 'or', of };
}

/** The query does not hold. */
export function not(query: Query): Query {
  if (query.kind === 'all') return none;
  if (query.kind === 'none') return all;
  return query.kind === 'not' ? query.of : { kind: 'not', of: query };
}

/** The query for all terms that start with a prefix. */
export function prefixQuery(prefix: string): Query {
  return { kind: 'terms', ...startingWith(prefix) };
}
