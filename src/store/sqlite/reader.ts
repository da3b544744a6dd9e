import type { Allowance, Reader } from '../store.ts';
import type { Connection } from './connection.ts';
import { isLight, trialTime } from './estimate.ts';
import { type AnswerTo, answer, type Question } from './question.ts';
import { matchesOf } from './search.ts';
import type { SearchThreads } from './search-threads.ts';
import { readCurrent, readVersion } from './versions.ts';

/**
 * Reads outside transactions. What is light is begun on the thread that serves and, where it turns out to be long,
 * begun anew beside it; what is not light goes there at once.
 */
export function readerOf(connection: Connection, threads: SearchThreads): Reader {
  async function ask<Q extends Question>(question: Q, allowance: Allowance = {}): Promise<AnswerTo<Q>> {
    allowance.signal?.throwIfAborted();
    if ((allowance.timeout ?? trialTime) < trialTime)
      return connection.within(allowance, () => answer(connection, question));
    if (isLight(question)) {
      const tried = connection.attempt({ timeout: trialTime }, () => answer(connection, question));
      if (tried) return tried.result;
    }
    return threads.ask(question, allowance, connection.types.size);
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
