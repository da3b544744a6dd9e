import type { Reader, Store, StoredVersion, Transaction } from './store.ts';

/** A stored text of so many characters takes several milliseconds to be read as JSON, and more to be worked at. */
export const largeText = 262_144;

/** Thrown by a store that gives no large texts: what was begun is to be done elsewhere. It is nobody's fault. */
export class LargeTextMet extends Error {
  constructor() {
    super('A stored text is too large for this thread');
  }
}

const givesNone = Symbol('gives no large texts');

/** Whether a store, or one that was made from it, gives no large texts. */
export function refusesLargeTexts(store: object): boolean {
  return givesNone in store;
}

/** The same store, which throws `LargeTextMet` instead of giving a version whose text is large. */
export function withoutLargeTexts(store: Store): Store {
  return {
    ...store,
    ...readerWithout(store),
    write: (work) =>
      store.write((transaction) =>
        work({ ...transaction, ...readerWithout(transaction) } satisfies Transaction),
      ),
  };
}

/** The same reader, likewise. */
export function readerWithout(reader: Reader): Reader {
  return {
    ...{ [givesNone]: true },
    read: async (type, id) => small(await reader.read(type, id)),
    readVersion: async (type, id, version) => small(await reader.readVersion(type, id, version)),
    history: async (request, allowance) => {
      const versions = await reader.history(request, allowance);
      versions.forEach(small);
      return versions;
    },
    search: async (request, allowance) => {
      const matches = await reader.search(request, allowance);
      for (const { version } of matches) small(version);
      return matches;
    },
    count: (type, filter, allowance) => reader.count(type, filter, allowance),
    ...(reader.entire && { entire: readerWithout(reader.entire) }),
  };
}

function small<V extends StoredVersion | undefined>(version: V): V {
  if ((version?.text?.length ?? 0) >= largeText) throw new LargeTextMet();
  return version;
}
