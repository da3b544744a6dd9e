import type { ClientSession, Filter } from 'mongodb';
import { compareText } from '../../fhir/search/code-points.ts';
import { byTimeDescending } from '../history-order.ts';
import { exceeding } from '../page-bytes.ts';
import type { Allowance, HistoryPosition, HistoryRequest, StoredVersion } from '../store.ts';
import { bounds } from './bounds.ts';
import type { Collections } from './collections.ts';
import {
  type CurrentDocument,
  type ReplacedDocument,
  replacedId,
  versionFields,
  versionOf,
} from './document.ts';

/** How the commands of one request are sent. */
type Asking = ReturnType<typeof bounds> & { session: ClientSession | undefined };

/** Where a version is kept. */
interface Place extends HistoryPosition {
  isCurrent: boolean;
}

/**
 * The versions that a history request asks for. Each collection gives the places of its newest ones, which are
 * merged and cut to the limit; texts are read only of those that are left.
 */
export async function history(
  collections: Collections,
  request: HistoryRequest,
  allowance: Allowance = {},
  session?: ClientSession,
): Promise<StoredVersion[]> {
  const asking = { ...bounds(allowance), session };
  const types = request.types ?? (await collections.types());
  const asked = types.flatMap((type) => [
    () => currentPlaces(collections, type, request, asking),
    () => replacedPlaces(collections, type, request, asking),
  ]);
  const places = (await inSequenceOrAtOnce(asked, session))
    .flat()
    .sort(byTimeDescending)
    .slice(0, request.limit);

  if (request.bytes === undefined) return readAt(collections, places, asking);
  return readUntil(places, request.bytes, (some) => readAt(collections, some, asking));
}

/** So many versions are read before it is known how large they are. */
const firstRead = 10;

/** Reads versions until their texts are more than so many bytes: each time about as many as fit. */
async function readUntil(
  places: readonly Place[],
  bytes: number,
  read: (places: readonly Place[]) => Promise<StoredVersion[]>,
): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = [];
  const exceeds = exceeding(bytes);
  let size = 0;
  for (let from = 0, count = firstRead; from < places.length; ) {
    const found = await read(places.slice(from, from + count));
    for (const version of found) {
      versions.push(version);
      size += version.text?.length ?? 0;
      if (exceeds(version.text)) return versions;
    }
    from += count;
    count = Math.max(1, Math.ceil(((bytes - size) * from) / (size + 1)));
  }
  return versions;
}

/** The versions that stand at these places, in their order. */
async function readAt(
  collections: Collections,
  places: readonly Place[],
  asking: Asking,
): Promise<StoredVersion[]> {
  const { session } = asking;
  const reading = [...new Set(places.map(({ type }) => type))].map(
    (type) => () => readPlaces(collections, type, places, asking),
  );
  const versions = new Map((await inSequenceOrAtOnce(reading, session)).flat());
  // A version that was current a moment ago may have been replaced since; then it is in the history now.
  const found = places.map(
    async ({ type, id, version }) =>
      versions.get(keyOf(type, id, version)) ?? readReplaced(collections, type, id, version, session),
  );
  return (await Promise.all(found)).filter((version) => version !== undefined);
}

/** One version that was replaced. */
export async function readReplaced(
  collections: Collections,
  type: string,
  id: string,
  version: number,
  session?: ClientSession,
): Promise<StoredVersion | undefined> {
  const document = await collections
    .history(type)
    .findOne({ _id: replacedId(id, version) }, { projection: versionFields, session });
  return document ? versionOf(type, id, document) : undefined;
}

async function currentPlaces(
  collections: Collections,
  type: string,
  { id, since, at, after, limit }: HistoryRequest,
  asking: Asking,
): Promise<Place[]> {
  const conditions: Filter<CurrentDocument>[] = [{}];
  if (id !== undefined) conditions.push({ _id: id });
  if (since !== undefined) conditions.push({ t: { $gte: since } });
  if (at) conditions.push({ t: { $lte: at.high } });
  if (after) conditions.push(isAfter(type, after, '_id') as Filter<CurrentDocument>);
  const documents = await collections
    .current(type)
    .find(
      { $and: conditions },
      {
        projection: { v: 1, t: 1 },
        sort: { t: -1, _id: 1 },
        limit,
        batchSize: limit,
        singleBatch: true,
        ...asking,
      },
    )
    .toArray();
  return documents.map(({ _id, v, t }) => ({ type, id: _id, version: v, updated: t, isCurrent: true }));
}

async function replacedPlaces(
  collections: Collections,
  type: string,
  { id, since, at, after, limit }: HistoryRequest,
  asking: Asking,
): Promise<Place[]> {
  const conditions: Filter<ReplacedDocument>[] = [{}];
  // No id holds a slash, and `0` is the character after it.
  if (id !== undefined) conditions.push({ _id: { $gt: `${id}/`, $lt: `${id}0` } });
  if (since !== undefined) conditions.push({ t: { $gte: since } });
  if (at) conditions.push({ t: { $lte: at.high }, r: { $gt: at.low } });
  if (after) conditions.push(isAfter(type, after, 'id') as Filter<ReplacedDocument>);
  const documents = await collections
    .history(type)
    .find(
      { $and: conditions },
      {
        projection: { id: 1, v: 1, t: 1 },
        sort: { t: -1, id: 1, v: -1 },
        limit,
        batchSize: limit,
        singleBatch: true,
        ...asking,
      },
    )
    .toArray();
  return documents.map(({ id, v, t }) => ({ type, id, version: v, updated: t, isCurrent: false }));
}

/** The condition that a version of `type` stands after a position: the order is that of `byTimeDescending`. */
function isAfter(type: string, after: HistoryPosition, id: '_id' | 'id'): object {
  const order = compareText(type, after.type);
  if (order !== 0) return { t: { [order < 0 ? '$lt' : '$lte']: after.updated } };
  return {
    t: { $lte: after.updated },
    $or: [
      { t: { $lt: after.updated } },
      { [id]: { $gt: after.id } },
      { [id]: after.id, v: { $lt: after.version } },
    ],
  };
}

async function readPlaces(
  collections: Collections,
  type: string,
  places: readonly Place[],
  asking: Asking,
): Promise<[string, StoredVersion][]> {
  const ofType = places.filter((place) => place.type === type);
  const current = ofType.filter(({ isCurrent }) => isCurrent).map(({ id }) => id);
  const ofOthers = ofType.filter(({ isCurrent }) => !isCurrent);
  const replaced = ofOthers.map(({ id, version }) => replacedId(id, version));
  const access = new Map<string, string | undefined>();
  const [currentDocuments, replacedDocuments] = await inSequenceOrAtOnce(
    [
      async () =>
        current.length === 0
          ? []
          : (
              await collections
                .current(type)
                .find({ _id: { $in: current } }, { projection: versionFields, ...asking })
                .toArray()
            ).map((document) => versionOf(type, document._id, document)),
      async () =>
        replaced.length === 0
          ? []
          : (
              await collections
                .history(type)
                .find({ _id: { $in: replaced } }, { projection: { ...versionFields, id: 1 }, ...asking })
                .toArray()
            ).map((document) => versionOf(type, document.id, document)),
      async () => {
        // Who may read stands beside the current version, and is about those that it replaced as well.
        const ids = [...new Set(ofOthers.map(({ id }) => id))];
        if (ids.length === 0) return [];
        const found = collections
          .current(type)
          .find({ _id: { $in: ids } }, { projection: { a: 1 }, ...asking });
        for (const { _id, a } of await found.toArray()) access.set(_id, a);
        return [];
      },
    ],
    asking.session,
  );
  const before = replacedDocuments!.map((version) => {
    const beside = access.get(version.id);
    return beside === undefined ? version : { ...version, access: beside };
  });
  return [...currentDocuments!, ...before].map((version) => [
    keyOf(type, version.id, version.version),
    version,
  ]);
}

function keyOf(type: string, id: string, version: number): string {
  return `${type}/${id}/${version}`;
}

/** A session takes one command at a time; without one, all are sent at once. */
async function inSequenceOrAtOnce<T>(
  tasks: readonly (() => Promise<T>)[],
  session: ClientSession | undefined,
): Promise<T[]> {
  if (!session) return Promise.all(tasks.map((task) => task()));
  const results: T[] = [];
  for (const task of tasks) results.push(await task());
  return results;
}
