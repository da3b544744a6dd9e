import type { Allowance, Reader, SearchRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { trialTime } from './estimate.ts';
import { orderOf } from './order.ts';
import { type AnswerTo, answer, type Question, tryBriefly } from './question.ts';
import { matchesOf, missingOrder } from './search.ts';
import type { SearchThreads } from './search-threads.ts';
import type { Upkeep } from './upkeep.ts';
import { readCurrent, readVersion } from './versions.ts';

/**
 * So long it may take to find out whether an index would help, in milliseconds: it counts some thousand rows, of a large
 * type more slowly than a question may take that is only tried. Searches that are short anyway do not come so far.
 */
const orderTime = 20;

/**
 * Reads outside transactions. What is light is begun on the thread that serves and, where it turns out to be long,
 * begun anew beside it; what is not light goes there at once.
 */
export function readerOf(connection: Connection, threads: SearchThreads, upkeep: Upkeep): Reader {
  /** Has the index made that a search should have had. */
  function wantOrder(request: SearchRequest): void {
    const order = orderOf(request.type, request.sort);
    if (!order || upkeep.knows(order)) return;
    const missing = connection.attempt({ timeout: orderTime, isProcessorTime: true }, () =>
      missingOrder(connection, request),
    )?.result;
    if (missing) upkeep.want(missing);
  }

  async function ask<Q extends Question>(question: Q, allowance: Allowance = {}): Promise<AnswerTo<Q>> {
    allowance.signal?.throwIfAborted();
    if ((allowance.timeout ?? trialTime) < trialTime)
      return connection.within(allowance, () => answer(connection, question));
    const tried = tryBriefly(connection, question);
    if (tried) return tried.result;
    if (question.kind === 'search') wantOrder(question.request);
    return threads.ask(question, allowance);
  }
  return {
    read: async (type, id) => readCurrent(connection, type, id),
    readVersion: async (type, id, version) => readVersion(connection, type, id, version),
    history: (request, allowance) => ask({ kind: 'history', request }, allowance),
    search: async (request, allowance) =>
      matchesOf(request, await ask({ kind: 'search', request }, allowance)),
    count: (type, filter, allowance) => ask({ kind: 'count', type, filter }, allowance),
  };
}
