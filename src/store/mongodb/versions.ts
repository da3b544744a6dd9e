import type { ClientSession } from 'mongodb';
import type { StoredVersion } from '../store.ts';
import type { Collections } from './collections.ts';
import { versionFields, versionOf } from './document.ts';
import { readReplaced } from './history.ts';

/** The current version, or undefined when the id was never used. */
export async function readCurrent(
  collections: Collections,
  type: string,
  id: string,
  session?: ClientSession,
): Promise<StoredVersion | undefined> {
  const document = await collections
    .current(type)
    .findOne({ _id: id }, { projection: versionFields, session });
  return document ? versionOf(type, id, document) : undefined;
}

/** One version, be it the current one or one that was replaced. */
export async function readVersion(
  collections: Collections,
  type: string,
  id: string,
  version: number,
  session?: ClientSession,
): Promise<StoredVersion | undefined> {
  const current = await readCurrent(collections, type, id, session);
  if (current === undefined || version >= current.version)
    return current?.version === version ? current : undefined;
  const replaced = await readReplaced(collections, type, id, version, session);
  return replaced && current.access !== undefined ? { ...replaced, access: current.access } : replaced;
}
