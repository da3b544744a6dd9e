import type { Parameter } from '../../fhir/search/parameters.ts';
import { and, not, or, type Query } from '../../fhir/search/query.ts';
import type { Span } from '../../fhir/search/time.ts';

/** The search parameters that say when care was given or asked for, by the names that R4 has for them. */
const careDates: ReadonlySet<string> = new Set([
  'date',
  'period',
  'authored',
  'authoredon',
  'authored-on',
  'onset-date',
  'recorded-date',
  'effective',
  'effective-time',
  'occurrence',
  'started',
  'start-date',
  'collected',
  'whenhandedover',
  'whenprepared',
  'sent',
  'received',
  'identified',
  'recorded',
  'datetime',
  'datewritten',
  'entered-date',
  'created',
]);

/**
 * The query for what concerns care between two times: "the date range relates to care dates, not record currency dates"
 * (http://hl7.org/fhir/R4/patient-operation-everything.html). A resource that states no such date is not left out.
 */
export function caredFor(
  parameters: ReadonlyMap<string, Parameter>,
  start: Span | undefined,
  end: Span | undefined,
): Query {
  const names = [...parameters.keys()].filter((name) => careDates.has(name));
  if ((!start && !end) || names.length === 0) return { kind: 'all' };
  const within = names.map((name) => ({
    kind: 'interval' as const,
    name,
    ...(end && { low: { lte: end.high } }),
    ...(start && { high: { gte: start.low } }),
  }));
  const undated = and(names.map((name) => not({ kind: 'interval', name })));
  return or([...within, undated]);
}
