import { refusals, refuse } from '../../fhir/refusal.ts';
import { comparePositions } from '../../fhir/search/order.ts';
import { and, not, type Query } from '../../fhir/search/query.ts';
import { takeSlices } from '../slices.ts';
import type { Allowance, Match, SearchRequest, Transaction } from '../store.ts';
import type { Connection } from './connection.ts';
import { amend, put, reindex, share } from './put.ts';
import { type AnswerTo, answer, type Question, tryBriefly } from './question.ts';
import { matchesOf } from './search.ts';
import type { SearchThreads } from './search-threads.ts';
import { readCurrent, readVersion } from './versions.ts';

/** So long the searches of one transaction may take together, in milliseconds: other writes wait for them. */
const searchingTime = 3_000;
/** So long one question may hold the thread that serves, in milliseconds, where no other can answer it. */
const heldTime = 200;

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
  const giveWay = takeSlices();

  function begin(): { transaction: Transaction; end(): void } {
    let isOver = false;
    let left = searchingTime;

    async function open(): Promise<Connection> {
      await giveWay();
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

    /** Answers a question here when it is short, else by `elsewhere`: what is committed there, what is not here. */
    async function ask<Q extends Question>(
      question: Q,
      { type, filter }: { type: string; filter: Query },
      elsewhere: (committed: Query, fresh: Query | undefined) => Promise<AnswerTo<Q>>,
    ): Promise<AnswerTo<Q>> {
      const tried = tryBriefly(connection, question);
      if (tried) return tried.result;
      if (dependsOn(filter, written)) return here(question);
      const ids = written.get(type);
      if (!ids) return elsewhere(filter, undefined);
      const ofThese: Query = { kind: 'id', ids: [...ids] };
      return elsewhere(and([filter, not(ofThese)]), and([ofThese, filter]));
    }

    async function search(request: SearchRequest, allowance: Allowance): Promise<Match[]> {
      const matches = (filter: Query): SearchRequest => ({ ...request, filter });
      const rows = await ask({ kind: 'search', request }, request, async (committed, fresh) => {
        const question = { kind: 'search', request: matches(committed) } as const;
        const found = await threads.ask(question, allowance);
        return fresh ? [...found, ...here({ kind: 'search', request: matches(fresh) })] : found;
      });
      return matchesOf(request, rows)
        .sort((a, b) => comparePositions(a.position, b.position, request.sort))
        .slice(0, request.limit);
    }

    function count(type: string, filter: Query, allowance: Allowance): Promise<number> {
      return ask({ kind: 'count', type, filter }, { type, filter }, async (committed, fresh) => {
        const question = { kind: 'count', type, filter: committed } as const;
        const found = await threads.ask(question, allowance);
        return fresh ? found + here({ kind: 'count', type, filter: fresh }) : found;
      });
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
        count: (type, filter, allowance) => timed(allowance, (within) => count(type, filter, within)),
        exclusive: async () => {},
        put: async (next, replaced) => {
          writing(next.type, next.id);
          await put(await open(), next, replaced, giveWay);
        },
        reindex: async (type, id, version, entries) => {
          writing(type, id);
          await reindex(await open(), { type, id, version, entries }, giveWay);
        },
        share: async (sharing) => {
          writing(sharing.type, sharing.id);
          share(await open(), sharing);
        },
        amend: async (version) => {
          writing(version.type, version.id);
          await amend(await open(), version, giveWay);
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
