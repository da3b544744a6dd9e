import type { Query } from '../../fhir/search/query.ts';
import type { HistoryRequest, SearchRequest, StoredVersion } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { isLight, trialTime } from './estimate.ts';
import { history } from './history.ts';
import { hasOrder, orderOf } from './order.ts';
import { count, searchRows } from './search.ts';

/** What can take long, as plain data that another thread can be sent. */
export type Question =
  | { kind: 'search'; request: SearchRequest }
  | { kind: 'count'; type: string; filter: Query }
  | { kind: 'history'; request: HistoryRequest };

/** What a question is answered with, plain data as well. */
export type Answers = { search: Row[]; count: number; history: StoredVersion[] };
export type AnswerTo<Q extends Question> = Answers[Q['kind']];

/** Answers a question on a connection. */
export function answer<Q extends Question>(connection: Connection, question: Q): AnswerTo<Q>;
export function answer(connection: Connection, question: Question): Answers[Question['kind']] {
  switch (question.kind) {
    case 'search':
      return searchRows(connection, question.request);
    case 'count':
      return count(connection, question.type, question.filter);
    case 'history':
      return history(connection, question.request);
    default:
      throw new TypeError(`Unknown question ${question satisfies never}`);
  }
}

/**
 * Tries a question on the thread that serves, where nothing in it takes long before the first row comes. Undefined: it is
 * long, and to be asked beside that thread.
 */
export function tryBriefly<Q extends Question>(
  connection: Connection,
  question: Q,
): { result: AnswerTo<Q> } | undefined {
  if (!isLight(question, isOrdered(connection, question))) return undefined;
  return connection.attempt({ timeout: trialTime, isProcessorTime: true }, () =>
    answer(connection, question),
  );
}

/** Whether an index gives what a search finds in the order that it asks for. */
function isOrdered(connection: Connection, question: Question): boolean {
  if (question.kind !== 'search') return false;
  const order = orderOf(question.request.type, question.request.sort);
  return order !== undefined && hasOrder(connection, order);
}
