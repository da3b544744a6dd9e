import type { Trail } from '../interactions/audited.ts';
import type { CodeTables } from '../store/code-tables.ts';
import { pack } from '../store/packed-entries.ts';
import type { IndexedVersion, Reader, Store, Transaction } from '../store/store.ts';
import { type FromThread, resultOf, type Target, type ToThread } from './messages.ts';

/** The store as a thread sees it that does not have it. */
export interface DistantStore {
  store: Store;
  stored: Reader;
  codeTables: CodeTables;
  /** The record of accesses. */
  trail: Trail;
  /** Takes what comes of the calls. */
  take(message: Extract<ToThread, { call: number }>): void;
}

interface Call {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  /** Does the work of a write. */
  begin?(now: number): Promise<void>;
}

/**
 * The store of another thread, each of whose calls is a message there and one back. What a transaction does runs here;
 * where the other side begins it again, it runs again, and what it has thrown is thrown here.
 *
 * @param began told the present instant at the begin of each transaction
 */
export function distantStore(
  send: (message: FromThread) => void,
  began: (now: number) => void,
): DistantStore {
  const calls = new Map<number, Call>();
  /** Of what calls have thrown, which call it was. */
  const failedCalls = new WeakMap<object, number>();
  let last = 0;

  function call<T>(
    message: (call: number) => FromThread,
    begin?: (call: number) => Call['begin'],
  ): Promise<T> {
    const number = ++last;
    return new Promise<T>((resolve, reject) => {
      const work = begin?.(number);
      calls.set(number, { resolve: resolve as Call['resolve'], reject, ...(work && { begin: work }) });
      send(message(number));
    });
  }

  const asking =
    (within: Target, method: string, isEntire = false) =>
    <T>(...parameters: unknown[]): Promise<T> =>
      call((number) => ({ kind: 'call', call: number, within, isEntire, method, parameters }));

  const questions = (within: Target, isEntire = false): Reader => ({
    read: asking(within, 'read', isEntire),
    readVersion: asking(within, 'readVersion', isEntire),
    history: asking(within, 'history', isEntire),
    search: asking(within, 'search', isEntire),
    count: asking(within, 'count', isEntire),
  });
  const reader = (within: Target): Reader => ({ ...questions(within), entire: questions(within, true) });

  const transaction = (within: number): Transaction => ({
    ...reader(within),
    exclusive: asking(within, 'exclusive'),
    put: (next, replaced) => asking(within, 'put')(packed(next), replaced),
    recognise: (path) => void asking(within, 'recognise')(path),
    share: asking(within, 'share'),
    reindex: (type, id, version, entries) => asking(within, 'reindex')(type, id, version, pack(entries)),
    amend: (version) => asking(within, 'amend')(packed(version)),
  });

  async function write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    let outcome: { result: T } | { thrown: unknown } | undefined;
    await call(
      (number) => ({ kind: 'write', call: number }),
      (number) => async (now) => {
        began(now);
        try {
          outcome = { result: await work(transaction(number)) };
          send({ kind: 'worked', call: number, end: 'done' });
        } catch (thrown) {
          outcome = { thrown };
          const failedCall = failedCalls.get(thrown as object);
          send({ kind: 'worked', call: number, end: failedCall === undefined ? 'failed' : { failedCall } });
        }
      },
    );
    if ('thrown' in outcome!) throw outcome.thrown;
    return outcome!.result;
  }

  return {
    store: {
      ...reader('store'),
      write,
      types: asking('store', 'types'),
      ready: asking('store', 'ready'),
      close: async () => {},
    },
    stored: reader('stored'),
    codeTables: {
      add: asking('codeTables', 'add'),
      find: asking('codeTables', 'find'),
      select: asking('codeTables', 'select'),
      count: asking('codeTables', 'count'),
      tables: asking('codeTables', 'tables'),
      drop: asking('codeTables', 'drop'),
    },
    trail: {
      open: asking('trail', 'open'),
      answered: ({ body: _, ...asked }, answer) => asking('trail', 'answered')(asked, answer),
      refused: (asked, status) =>
        asking('trail', 'refused')({ ...asked, body: namedPatients(asked.body) }, status),
    },
    take: (message) => {
      const asked = calls.get(message.call)!;
      if (message.kind === 'begin') {
        void asked.begin!(message.now);
        return;
      }
      calls.delete(message.call);
      try {
        asked.resolve(resultOf(message.outcome));
      } catch (error) {
        failedCalls.set(error as object, message.call);
        asked.reject(error);
      }
    },
  };
}

function packed(version: IndexedVersion): IndexedVersion {
  return { ...version, entries: pack(version.entries) };
}

/** What a record of a refused request is made from: the references to patients of its body, instead of all of it. */
function namedPatients(body: unknown): string[] | undefined {
  if (body === undefined) return undefined;
  return JSON.stringify(body).match(/(?<=")[^"]*Patient\/[A-Za-z0-9\-.]{1,64}/g) ?? [];
}
