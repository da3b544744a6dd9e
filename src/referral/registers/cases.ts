import type { Resource } from '../../fhir/resource.ts';
import type { Position } from '../../fhir/search/order.ts';
import { and, type Query } from '../../fhir/search/query.ts';
import type { Match, Reader } from '../../store/store.ts';
import { hasConcept } from '../queries.ts';
import { isReferralTask } from '../recognise.ts';
import { codeSystems } from '../vocabulary.ts';
import type { ReportPeriod } from './period.ts';

/** By when they were written, oldest first: how a ledger is read, and an index of the store walks. */
const byWriting = [{ key: 'authored-on', descending: false }] as const;

/** Sorts after every id. */
const afterAllIds = '\u{10ffff}';

/** So many bytes of Tasks at most are read at once. */
const pageBytes = 4_194_304;

/** The Tasks that coordinate referrals, among all others. */
const coordinates = hasConcept('code', codeSystems.taskCode, 'fulfill');

/** A Task of a referral, as it is stored and parsed. */
export interface TaskFound {
  match: Match;
  task: Resource;
}

export interface TaskPage {
  found: TaskFound[];
  /** Where the next page goes on, when there may be one. */
  next?: Position;
}

/**
 * A page of the Tasks of referrals that were written within a period and match a filter, by when they were written. The
 * period bounds the walk along the order and is no condition of it: what stands before or after is not looked at.
 */
export async function tasksWithin(
  reader: Reader,
  { from, until }: Pick<ReportPeriod, 'from' | 'until'>,
  { filter, after, limit }: { filter: Query; after?: Position | undefined; limit: number },
): Promise<TaskPage> {
  const matches = await reader.search({
    type: 'Task',
    filter: and([filter, coordinates]),
    sort: byWriting,
    after: after ?? { values: [from - 1], id: afterAllIds },
    limit,
    bytes: pageBytes,
  });
  const found: TaskFound[] = [];
  for (const match of matches) {
    if (Number(match.position.values[0]) >= until) return { found };
    const task = JSON.parse(match.version.text) as Resource;
    if (isReferralTask(task)) found.push({ match, task });
  }
  const last = matches.at(-1)?.position;
  // A page can also end by its bytes.
  return last ? { found, next: last } : { found };
}

/** How many Tasks are read at a time: of the first page fewer, where the answer is to begin soon. */
export interface PageSizes {
  first?: number;
  each: number;
}

/** All of them, page by page. `reader` gives the reader of one page, so that each has the time of one request. */
export async function* taskPages(
  reader: () => Reader,
  period: Pick<ReportPeriod, 'from' | 'until'>,
  filter: Query,
  { first, each }: PageSizes,
): AsyncGenerator<TaskFound[], undefined> {
  let limit = first ?? each;
  let after: Position | undefined;
  do {
    const { found, next } = await tasksWithin(reader(), period, { filter, after, limit });
    yield found;
    after = next;
    limit = each;
  } while (after);
}
