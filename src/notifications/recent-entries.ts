import type { Searchable } from '../fhir/search/matcher.ts';
import { unpack } from '../store/packed-entries.ts';
import type { IndexedVersion } from '../store/store.ts';

/** What this process has written a moment ago, as searches see it: so it need not be read and taken apart again. */
export interface RecentEntries {
  /** Remembers versions that were kept. */
  keep(versions: readonly IndexedVersion[]): void;
  /** Gives one, once. */
  find(type: string, id: string, version: number): Searchable | undefined;
}

const most = 5_000;

/** Remembers versions of the types that somebody looks at. */
export function createRecentEntries(isLookedAt: (type: string) => boolean): RecentEntries {
  const recent = new Map<string, IndexedVersion>();
  return {
    keep: (versions) => {
      for (const version of versions) {
        if (version.text === null || !isLookedAt(version.type)) continue;
        recent.set(`${version.type}/${version.id}/${version.version}`, version);
      }
      for (const key of recent.keys()) {
        if (recent.size <= most) return;
        recent.delete(key);
      }
    },
    find: (type, id, version) => {
      const key = `${type}/${id}/${version}`;
      const found = recent.get(key);
      recent.delete(key);
      return found && { type, id, updated: found.updated, entries: unpack(found.entries) };
    },
  };
}
