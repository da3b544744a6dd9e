import { type Bounds, or, type Query } from './query.ts';

/** How a value of a search compares with those of resources (http://hl7.org/fhir/R4/search.html#prefix). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

const prefixed = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=.)/;

/** Splits `ge2013` into `ge` and `2013`: "If no prefix is present, the prefix eq is assumed." */
export function splitPrefix(value: string): [Prefix, string] {
  const match = prefixed.exec(value);
  return match ? [match[1] as Prefix, value.slice(2)] : ['eq', value];
}

/** Makes a query for intervals whose ends are within bounds. */
export type OfInterval = (low?: Bounds, high?: Bounds) => Query;

/**
 * The query for a range in which both ends are included, such as a day, by the "range" column of the table of
 * prefixes. `near` is the range that counts for `ap`.
 */
export function inclusiveRange(
  prefix: Prefix,
  { low, high }: { low: number; high: number },
  near: { low: number; high: number },
  interval: OfInterval,
): Query {
  switch (prefix) {
    case 'eq':
      return interval({ gte: low }, { lte: high });
    case 'ne':
      return or([interval({ lt: low }), interval(undefined, { gt: high })]);
    case 'gt':
      return interval(undefined, { gt: high });
    case 'lt':
      return interval({ lt: low });
    case 'ge':
      // Reaches above the range, or is contained in it.
      return or([interval(undefined, { gt: high }), interval({ gte: low }, { lte: high })]);
    case 'le':
      return or([interval({ lt: low }), interval({ gte: low }, { lte: high })]);
    case 'sa':
      return interval({ gt: high });
    case 'eb':
      return interval(undefined, { lt: low });
    case 'ap':
      return interval({ lte: near.high }, { gte: near.low });
  }
}

/**
 * The query for a number: its implied range counts for `eq` and `ne`; for the others "the implicit precision of the
 * number is ignored, and they are treated as if they have arbitrarily high precision". `ap` is within 10 %.
 */
export function numberRange(
  prefix: Prefix,
  { value, low, high }: { value: number; low: number; high: number },
  interval: OfInterval,
): Query {
  const tenth = Math.abs(value) / 10;
  switch (prefix) {
    case 'eq':
      return interval({ gte: low }, { lt: high });
    case 'ne':
      return or([interval({ lt: low }), interval(undefined, { gte: high })]);
    case 'gt':
      return interval(undefined, { gt: value });
    case 'lt':
      return interval({ lt: value });
    case 'ge':
      return interval(undefined, { gte: value });
    case 'le':
      return interval({ lte: value });
    case 'sa':
      return interval({ gt: value });
    case 'eb':
      return interval(undefined, { lt: value });
    case 'ap':
      return interval({ lte: value + tenth }, { gte: value - tenth });
  }
}
