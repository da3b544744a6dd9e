import { and, or, type Query } from '../../fhir/search/query.ts';
import { hasCode, hasConcept, refersTo } from '../queries.ts';
import type { Target } from '../reference.ts';
import { codeSystems, directions } from '../vocabulary.ts';
import { type HistoryQuestion, requestStatuses, taskStatuses } from './parameters.ts';

/** The referrals of these patients that a question asks for. Without patients there are none. */
export function referralsOf(patients: readonly Target[], question: HistoryQuestion): Query {
  const wanted = question.direction === undefined ? directions : [question.direction];
  return and([
    or(patients.map((patient) => refersTo('subject', patient))),
    or(wanted.map((direction) => hasConcept('category', codeSystems.direction, direction))),
    writtenIn(question),
    ...(question.statuses.length > 0
      ? [or(question.statuses.flatMap((status) => hasStatus(status, patients)))]
      : []),
  ]);
}

function writtenIn({ start, end }: HistoryQuestion): Query {
  if (!start && !end) return { kind: 'all' };
  return {
    kind: 'interval',
    name: 'authored',
    ...(end && { low: { lte: end.high } }),
    ...(start && { high: { gte: start.low } }),
  };
}

/**
 * A status says where a referral stands. Most codes belong either to the ServiceRequest (`active`, `revoked`) or to its
 * Task (`accepted`, `in-progress`); one that both have is met by either.
 */
function hasStatus(status: string, patients: readonly Target[]): Query[] {
  const ofTask = and([
    or(patients.map((patient) => refersTo('patient', patient))),
    hasCode('status', status),
  ]);
  return [
    ...(requestStatuses.includes(status) ? [hasCode('status', status)] : []),
    ...(taskStatuses.includes(status)
      ? [{ kind: 'has', source: 'Task', name: 'focus', filter: ofTask } as const]
      : []),
  ];
}
