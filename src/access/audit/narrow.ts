import type { Bounds, Query } from '../../fhir/search/query.ts';
import { placeOf } from './audit-event.ts';

/** What every AuditEvent that a query matches is found by: where the log need not be looked at. */
export interface Narrowed {
  /** It names one of these. */
  references?: readonly string[];
  /** It was recorded within these instants, in milliseconds. */
  since?: number;
  until?: number;
  /** It belongs to one of these records. */
  numbers?: readonly number[];
}

/** The parameters whose references the log is indexed by. */
const indexed = /^(?:patient|agent|entity)\|>([A-Z][A-Za-z]*\/[A-Za-z0-9\-.]{1,64})$/;

/** Reads from a query what it demands. */
export function narrowed(query: Query): Narrowed {
  const narrow: Narrowed = {};
  for (const part of query.kind === 'and' ? query.of : [query]) {
    const references = referencesOf(part);
    if (references && (!narrow.references || references.length < narrow.references.length))
      narrow.references = references;
    if (part.kind === 'id') narrow.numbers = part.ids.flatMap((id) => placeOf(id)?.number ?? []);
    // `recorded` is an instant, of which both ends are the same.
    if (part.kind === 'interval' && part.name === 'date') {
      within(narrow, part.low);
      within(narrow, part.high);
    }
    if (part.kind === 'updated') within(narrow, part.is);
  }
  return narrow;
}

function within(narrow: Narrowed, { gt, gte, lt, lte }: Bounds = {}): void {
  for (const low of [gt, gte]) if (low !== undefined) narrow.since = Math.max(narrow.since ?? low, low);
  for (const high of [lt, lte]) if (high !== undefined) narrow.until = Math.min(narrow.until ?? high, high);
}

/** The references one of which whatever matches must name; undefined when the query demands none. */
function referencesOf(query: Query): string[] | undefined {
  if (query.kind === 'term') {
    const reference = indexed.exec(query.term)?.[1];
    return reference === undefined ? undefined : [reference];
  }
  if (query.kind === 'and') {
    const found = query.of.map(referencesOf).filter((each) => each !== undefined);
    return found.reduce<string[] | undefined>((a, b) => (a && a.length <= b.length ? a : b), undefined);
  }
  if (query.kind !== 'or') return undefined;
  const alternatives = query.of.map(referencesOf);
  return alternatives.every((each) => each !== undefined) ? alternatives.flat() : undefined;
}
