import { setImmediate as nextTurn } from 'node:timers/promises';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { comparePositions } from '../../fhir/search/order.ts';
import { and, not, type Query } from '../../fhir/search/query.ts';
import type { Allowance, Match, SearchRequest, Transaction } from '../store.ts';
import type { Connection } from './connection.ts';
import { isLight } from './estimate.ts';
import { amend, put, reindex } from './put.ts';
import { type AnswerTo, answer, type Question } from './question.ts';
import { matchesOf } from './search.ts';
import type { SearchThreads } from './search-threads.ts';
import { readCurrent, readVersion } from './versions.ts';

/** So long the searches of one transaction may take together, in milliseconds: other writes wait for them. */
const searchingTime = 3_000;
/** So long one question may hold the thread that serves, in milliseconds: where no other can answer it, and else. */
const heldTime = 200;
const trialTime = 4;
/** After so many milliseconds of a transaction's work, other requests have a turn. */
const turnTime = 8;

/** Transactions on the writing connection, of which one runs at a time. */
export interface Transactions {
  /** Makes the transaction that one work is given, and the function after which it can no more be used. */
  begin(): { transaction: Transaction; end(): void };
  /** Tells that all that was written is committed. */
  committed(): void;
}

/**
 * Works run one after the other, so each transaction is exclusive by itself, and what is committed does not change while
 * it runs. That lets other threads search it: what they find is completed by what was written since the last commit,
 * which is few and searched on the writing connection itself.
 */
export function transactionsOn(connection: Connection, threads: SearchThreads): Transactions {
  /** The ids written since the last commit, by type. */
  const written = new Map<string, Set<string>>();
  let turn = performance.now();

  /** Lets other requests run, when they had no turn for a while. */
  async function takeTurns(): Promise<void> {
    if (performance.now() - turn < turnTime) return;
    await nextTurn();
    turn = performance.now();
  }

  function begin(): { transaction: Transaction; end(): void } {
    let isOver = false;
    let left = searchingTime;

    async function open(): Promise<Connection> {
      await takeTurns();
      if (isOver) throw new Error('The transaction is over');
      return connection;
    }

    /** Asks with what is left of the time of this transaction. */
    async function timed<T>(
      allowance: Allowance = {},
      run: (allowance: Allowance) => T | Promise<T>,
    ): Promise<T> {
      await open();
      allowance.signal?.throwIfAborted();
      if (left <= 0) throw refuse(refusals.tooCostly, [`transaction > ${searchingTime} ms`]);
      const began = performance.now();
      try {
        return await run({ ...allowance, timeout: Math.min(left, allowance.timeout ?? left) });
      } finally {
        left -= performance.now() - began;
      }
    }

    function here<Q extends Question>(question: Q): AnswerTo<Q> {
      return connection.within({ timeout: heldTime }, () => answer(connection, question));
    }

    async function search(request: SearchRequest, allowance: Allowance): Promise<Match[]> {
      const question = { kind: 'search', request } as const;
      if (isLight(question)) {
        const tried = connection.attempt({ timeout: trialTime }, () => answer(connection, question));
        if (tried) return matchesOf(request, tried.result);
      }
      if (dependsOn(request.filter, written)) return matchesOf(request, here(question));
      const ids = [...(written.get(request.type) ?? [])];
      const committed = { ...request, filter: and([request.filter, not({ kind: 'id', ids })]) };
      const fresh = { ...request, filter: and([{ kind: 'id', ids }, request.filter]) };
      const found = await threads.ask(
        { kind: 'search', request: committed },
        allowance,
        connection.types.size,
      );
      if (ids.length === 0) return matchesOf(request, found);
      return [...matchesOf(request, found), ...matchesOf(request, here({ kind: 'search', request: fresh }))]
        .sort((a, b) => comparePositions(a.position, b.position, request.sort))
        .slice(0, request.limit);
    }

    function writing(type: string, id: string): void {
      const ids = written.get(type);
      if (ids) ids.add(id);
      else written.set(type, new Set([id]));
    }

    return {
      transaction: {
        read: async (type, id) => readCurrent(await open(), type, id),
        readVersion: async (type, id, version) => readVersion(await open(), type, id, version),
        history: (request, allowance) => timed(allowance, () => here({ kind: 'history', request })),
        search: (request, allowance) => timed(allowance, (within) => search(request, within)),
        count: (type, filter, allowance) => timed(allowance, () => here({ kind: 'count', type, filter })),
        exclusive: async () => {},
        put: async (next, replaced) => {
          writing(next.type, next.id);
          put(await open(), next, replaced);
        },
        reindex: async (type, id, version, entries) => {
          writing(type, id);
          reindex(await open(), type, id, version, entries);
        },
        amend: async (version) => {
          writing(version.type, version.id);
          amend(await open(), version);
        },
      },
      end: () => {
        isOver = true;
      },
    };
  }

  return { begin, committed: () => written.clear() };
}

/** Whether a query looks into other resources, of types that were written to. */
function dependsOn(query: Query, written: ReadonlyMap<string, unknown>): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.some((each) => dependsOn(each, written));
    case 'not':
      return dependsOn(query.of, written);
    case 'chain':
      return written.has(query.target) || dependsOn(query.filter, written);
    case 'has':
      return written.has(query.source) || dependsOn(query.filter, written);
    default:
      return false;
  }
}
