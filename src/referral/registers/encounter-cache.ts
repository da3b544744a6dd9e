import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Position } from '../../fhir/search/order.ts';
import { not, or, type Query } from '../../fhir/search/query.ts';
import { spanOf } from '../../fhir/search/time.ts';
import type { Reader, StoredVersion } from '../../store/store.ts';
import { hasCode } from '../queries.ts';
import { createDayCache, withPrevious } from './day-cache.ts';
import { localDay } from './local-time.ts';
import type { ReportPeriod } from './period.ts';

/** How many encounters of one institution began on a day. */
export interface DayOfEncounters {
  day: string;
  /** The institution, `Organization/[id]`. */
  provider: string;
  all: number;
  /** Of these those of no referral. */
  byThemselves: number;
}

/** Gives how many encounters began on each day of a period, by institution, for who sees the same of them each time. */
export interface EncounterCache {
  within(
    reader: () => Reader,
    source: { now: number },
    period: ReportPeriod,
  ): AsyncGenerator<readonly DayOfEncounters[], undefined>;
}

/** Encounters that did not only stand in a plan, and were not entered in error. */
const tookPlace: Query = not(
  or(['planned', 'cancelled', 'entered-in-error'].map((status) => hasCode('status', status))),
);

/** Some institutions, on each day of more years than anybody asks for. */
const mostDays = 200_000;
const pageSize = 1_000;
const pageBytes = 4_194_304;
const byBegin = [{ key: 'date', descending: false }] as const;
/** Sorts after every id. */
const afterAllIds = '\u{10ffff}';

/** Remembers how many encounters there were on each day (`day-cache.ts`). */
export function createEncounterCache(): EncounterCache {
  return createDayCache<DayOfEncounters, { now: number }>({
    kinds: ['Encounter'],
    most: mostDays,
    async *read(reader, _source, span) {
      const sums = new Map<string, DayOfEncounters>();
      for await (const { begun, terms } of encountersWithin(reader, span)) add(sums, localDay(begun), terms);
      yield [...sums.values()].map((sum) => [sum.day, sum] as const);
    },
    daysOf: async (changed, reader) =>
      (await withPrevious(changed, reader)).flatMap(({ text }) => (text ? beginOf(text) : [])),
  });
}

/** The encounters that began within a span, by when they did: when, and what they are found by. */
async function* encountersWithin(
  reader: () => Reader,
  { from, until }: { from: number; until: number },
): AsyncGenerator<{ begun: number; terms: readonly string[] }, undefined> {
  let after: Position | undefined = { values: [from - 1], id: afterAllIds };
  while (after) {
    const matches = await reader().search({
      ...{ type: 'Encounter', filter: tookPlace, sort: byBegin, after },
      ...{ limit: pageSize, bytes: pageBytes },
    });
    for (const { position, terms } of matches) {
      const begun = Number(position.values[0]);
      if (begun >= until) return;
      yield { begun, terms };
    }
    after = matches.at(-1)?.position;
  }
}

const provided = 'service-provider|>';

function add(sums: Map<string, DayOfEncounters>, day: string, terms: readonly string[]): void {
  const isReferred = terms.some((term) => term.startsWith('based-on|>'));
  for (const term of terms) {
    if (!term.startsWith(provided)) continue;
    const provider = term.slice(provided.length);
    const key = `${day} ${provider}`;
    const sum = sums.get(key) ?? { day, provider, all: 0, byThemselves: 0 };
    sum.all++;
    if (!isReferred) sum.byThemselves++;
    sums.set(key, sum);
  }
}

function beginOf(text: StoredVersion['text'] & string): string[] {
  const [period] = elements(JSON.parse(text) as Resource, 'period');
  const begun = spanOf(string(period, 'start') ?? '');
  return begun ? [localDay(begun.low)] : [];
}
