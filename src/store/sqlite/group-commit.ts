import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from '../store.ts';
import type { Connection } from './connection.ts';
import { literal } from './sql.ts';
import { alwaysOurs, type WritingTurn } from './writing-turn.ts';

interface Job {
  run(transaction: Transaction): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Tells who waits for a work how it ended. */
type Answer = () => void;

/** Writes one after the other, many a commit. */
export interface GroupCommit {
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Runs what must not meet a write, between two commits; writes wait for its end. */
  apart<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when everything that was queued has been answered. */
  idle(): Promise<void>;
}

/** So many works at most share one commit, which bounds how long the first of them waits. */
const groupSize = 128;

/**
 * Runs works one after the other, and makes those that came together durable by one commit: it is the `fsync` of a commit
 * that costs, not the work. A work that throws takes back only its own writes. Nobody is answered before the commit, since
 * what a work saw may be its neighbours' writes. Works give way to other requests (see `transaction.ts`): reads have a
 * connection of their own, which a transaction that is open does not disturb.
 *
 * A work that throws has hardly ever written anything, so there is nothing to take back. Where one has, the group is run
 * once more from its start, each work within a savepoint: for every page that is changed within one, SQLite keeps the page
 * as it was, and a large work took three times as long by that.
 *
 * @param begin makes the transaction that one work is given, and the function after which it can no more be used
 * @param committed called after each commit, before anybody is answered
 * @param turn to be had for each group, where other processes write, too
 */
export function groupCommit(
  connection: Connection,
  begin: () => { transaction: Transaction; end(): void },
  committed: () => void,
  turn: WritingTurn = alwaysOurs,
): GroupCommit {
  const queue: Job[] = [];
  const aparts: (() => Promise<void>)[] = [];
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (queue.length > 0 || aparts.length > 0) {
      const passOn = await turn();
      try {
        for (const work of aparts.splice(0)) await work();
        // Requests that arrived in the same turn of the event loop join the group.
        await nextTurn();
        if (queue.length > 0) await commit(queue.splice(0, groupSize));
      } finally {
        passOn();
      }
    }
    draining = undefined;
  }

  async function commit(group: readonly Job[]): Promise<void> {
    let answers: Answer[];
    try {
      answers = (await together(group, runPlainly)) ?? (await together(group, runApart))!;
    } catch (error) {
      takeBack('ROLLBACK');
      for (const job of group) job.reject(error);
      return;
    }
    committed();
    for (const answer of answers) answer();
  }

  /** Runs the works in one transaction; undefined, and nothing is kept, where one of them gives no answer. */
  async function together(
    group: readonly Job[],
    run: (job: Job) => Promise<Answer | undefined>,
  ): Promise<Answer[] | undefined> {
    const answers: Answer[] = [];
    connection.run(literal('BEGIN IMMEDIATE'));
    for (const job of group) {
      const answer = await run(job);
      if (!answer) {
        takeBack('ROLLBACK');
        return undefined;
      }
      answers.push(answer);
    }
    connection.run(literal('COMMIT'));
    return answers;
  }

  /** Gives no answer where a work has thrown after it wrote. */
  async function runPlainly(job: Job): Promise<Answer | undefined> {
    const { transaction, end } = begin();
    const before = connection.rowsChanged;
    try {
      const result = await job.run(transaction);
      return () => job.resolve(result);
    } catch (error) {
      // Where SQLite itself gave the whole transaction up (disk full), the whole group ends.
      if (!connection.isInTransaction) throw error;
      return connection.rowsChanged === before ? () => job.reject(error) : undefined;
    } finally {
      end();
    }
  }

  async function runApart(job: Job): Promise<Answer> {
    const { transaction, end } = begin();
    connection.run(literal('SAVEPOINT work'));
    try {
      const result = await job.run(transaction);
      connection.run(literal('RELEASE work'));
      return () => job.resolve(result);
    } catch (error) {
      // Where SQLite itself gave the whole transaction up this throws, and ends the whole group.
      takeBack('ROLLBACK TO work');
      connection.run(literal('RELEASE work'));
      return () => job.reject(error);
    } finally {
      end();
    }
  }

  function takeBack(statement: 'ROLLBACK' | 'ROLLBACK TO work'): void {
    if (statement !== 'ROLLBACK' || connection.isInTransaction) connection.run(literal(statement));
    connection.audiences.forget();
    connection.refreshTypes();
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        queue.push({ run: work, resolve: resolve as Job['resolve'], reject });
        draining ??= drain();
      }),
    apart: (work) =>
      new Promise((resolve, reject) => {
        aparts.push(() => work().then(resolve, reject));
        draining ??= drain();
      }),
    idle: async () => draining,
  };
}
