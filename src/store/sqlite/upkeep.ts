import type { GroupCommit } from './group-commit.ts';
import type { Order } from './order.ts';
import { table } from './schema.ts';
import { statementThread } from './statement-thread.ts';
import { isMarkedOpen, type LengthNotes, markClosed, markOpen } from './unclean-end.ts';

/** What is done for a database beside the requests, on a thread of its own. */
export interface Upkeep {
  /** Told of each commit, before anybody is answered. */
  wrote(): void;
  /** Whether an order was wanted before. */
  knows(order: Order): boolean;
  /** Makes the index of an order, as soon as no write runs. */
  want(order: Order): void;
  close(): Promise<void>;
}

/** After so many milliseconds without a write the log is moved into the file. */
const quietTime = 2_000;
/** While there are writes, so often it is noted how long the log is, in milliseconds. */
const noteTime = 1_000;
/** So many orders a type may have: each costs every write of a resource some microseconds. */
const mostOrders = 8;
/** The index of a type with more resources than that is made at a quiet time: writes would have to wait for too long. */
const large = 50_000;
/** About how long an index takes for each resource, in milliseconds. */
const timeEach = 0.015;
/** Nobody has written for so many times as long as it will take: of a million resources it is made at night. */
const patience = 20;

/**
 * Upkeep of a database file: the log is moved into the file when nobody has written for a while, so that the file is whole
 * by itself; and the indexes are made by which sorted searches need not read everything. While an index is made, about
 * 15 ms for 1,000 resources, writes wait, and reads do not.
 */
export function upkeepOf(
  file: string,
  commits: Pick<GroupCommit, 'apart'>,
  {
    quiet = quietTime,
    changes,
    notes,
    log,
  }: {
    quiet?: number | undefined;
    /** Another value whenever anything was committed, by whichever process. */
    changes: () => unknown;
    notes: LengthNotes;
    log: (message: string) => void;
  },
): Upkeep {
  const thread = statementThread(file);
  const known = new Set<string>();
  const working = new Set<Promise<void>>();
  /** Orders of large types, which wait for a quiet time. */
  const waiting: Order[] = [];
  let seen: unknown;
  let lastWrite = performance.now();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let noting: NodeJS.Timeout | undefined;

  /** Runs work that no request waits for. */
  function begin(what: string, work: () => Promise<void>): void {
    if (isClosed) return;
    const done: Promise<void> = work()
      .catch((error: Error) => {
        if (!isClosed) log(`${what} failed: ${error.message}`);
      })
      .finally(() => working.delete(done));
    working.add(done);
  }

  async function makeIndex(order: Order): Promise<void> {
    const { type, create } = order;
    await commits.apart(async () => {
      const [found] = await thread.run(`
        SELECT (SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE '${type}.order.%') AS orders,
          (SELECT max(row) FROM ${table(type).text}) AS size`);
      const { orders, size } = found as { orders: number; size: number };
      if (orders >= mostOrders) return;
      const calm = Math.max(quiet, size * timeEach * patience);
      if (size > large && performance.now() - lastWrite < calm) waiting.push(order);
      else await thread.run(create);
    });
    if (waiting.length > 0) lookLater();
  }

  /** Gives whether the file is whole by itself now. */
  async function checkpoint(): Promise<boolean> {
    await thread.run('PRAGMA wal_checkpoint(PASSIVE)');
    return commits.apart(async () => {
      if (isWritten()) return false;
      const [state] = await thread.run('PRAGMA wal_checkpoint(PASSIVE)');
      if (state!.busy !== 0 || state!.log !== state!.checkpointed) return false;
      // The mark goes first: the log is not needed from here on, and where the process ends now nobody misses it.
      markClosed(file);
      await thread.run('PRAGMA wal_checkpoint(TRUNCATE)');
      // To a reader an empty log is another one, which is no write: it would never be quiet for long.
      seen = changes();
      return true;
    });
  }

  /** Whether anything was committed since this was asked. */
  function isWritten(): boolean {
    const before = seen;
    seen = changes();
    return seen !== before;
  }

  function lookLater(): void {
    if (timer) timer.refresh();
    else timer = setTimeout(onQuiet, quiet).unref();
  }

  function onQuiet(): void {
    begin('Moving the log into the file', async () => {
      if (isWritten()) {
        lastWrite = performance.now();
        lookLater();
        return;
      }
      for (const order of waiting.splice(0)) await makeIndex(order);
      // Who still reads what was before keeps the log from being moved: it is tried again.
      if (!(await checkpoint()) || waiting.length > 0) lookLater();
    });
  }

  return {
    wrote: () => {
      lastWrite = performance.now();
      seen = changes();
      // Another process may have found the file whole.
      if (!isMarkedOpen(file)) markOpen(file);
      lookLater();
      noting ??= setTimeout(() => {
        noting = undefined;
        begin('Noting the length of the log', notes.note);
      }, noteTime).unref();
    },
    knows: ({ name }) => known.has(name),
    want: (order) => {
      known.add(order.name);
      begin(`Making the index of ${order.name}`, () => makeIndex(order));
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(noting);
      await thread.close();
      await Promise.all(working);
    },
  };
}
