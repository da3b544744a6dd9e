import type { Match, Reader, SearchRequest, StoredVersion } from '../store/store.ts';

/**
 * A reader that asks the store once: for as long as nothing is written, what was read, or found by the very same search,
 * is the same the next time. Serves the guards of one submission, several of which look at the same Task and referral.
 */
export function remembering(reader: Reader): Reader {
  const versions = new Map<string, Promise<StoredVersion | undefined>>();
  const found = new Map<string, Promise<Match[]>>();
  return {
    ...reader,
    read: (type, id) => once(versions, `${type}/${id}`, () => reader.read(type, id)),
    search: (request, allowance) =>
      once(found, keyOf(request), async () => {
        const matches = await reader.search(request, allowance);
        for (const { version } of matches)
          versions.set(`${version.type}/${version.id}`, Promise.resolve(version));
        return matches;
      }),
  };
}

function keyOf({ type, filter, sort, after, limit }: SearchRequest): string {
  return JSON.stringify([type, filter, sort, after, limit]);
}

function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(key) ?? ask();
  known.set(key, asked);
  return asked;
}
