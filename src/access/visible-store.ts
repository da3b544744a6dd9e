import { refusals, refuse } from '../fhir/refusal.ts';
import { and, type Query } from '../fhir/search/query.ts';
import { exceeding } from '../store/page-bytes.ts';
import type {
  Allowance,
  HistoryRequest,
  IndexedVersion,
  Reader,
  Store,
  StoredVersion,
  Transaction,
} from '../store/store.ts';
import type { Sign } from './provenance.ts';
import type { View } from './view.ts';

/** How what is written is held to who writes it. */
export interface Writing {
  sign: Sign;
  /** Refuses a change of a version in place that is not for the actor to make. `reader` has all that is stored. */
  admit(reader: Reader, version: IndexedVersion): Promise<void>;
}

/** So many versions at most are looked at beyond those asked for, for each question of a history. */
const historyBatch = 200;

/**
 * The part of a store that one actor may see: the only store that an interaction is given, so that none can see around
 * it. What is not to be seen is as what does not exist: it is not read, not found, not counted, and no condition on
 * another resource, by chain or by `_has`, is met by it. What is written is written as the actor's, and signed.
 */
export function visibleTo(view: View, store: Store, writing?: Writing): Store {
  return {
    ...store,
    ...visibleReader(view, store),
    write: (work) =>
      store.write(async (transaction) => {
        const written: IndexedVersion[] = [];
        const result = await work(visibleTransaction(view, transaction, written, writing));
        await writing?.sign(transaction, written);
        return result;
      }),
  };
}

function visibleTransaction(
  view: View,
  transaction: Transaction,
  written: IndexedVersion[],
  writing: Writing | undefined,
): Transaction {
  /** What who writes has shown to know, and judges by. */
  const recognised = new Set<string>();
  /** What this transaction was told of as not existing. */
  const hidden = new Set<string>();
  const reader = visibleReader(view, transaction);
  return {
    ...transaction,
    ...reader,
    read: async (type, id) => {
      const version = recognised.has(`${type}/${id}`)
        ? await transaction.read(type, id)
        : await reader.read(type, id);
      if (version === undefined) hidden.add(`${type}/${id}`);
      return version;
    },
    recognise: (path) => {
      if (view.isOfOnePatient) return;
      recognised.add(path);
      transaction.recognise?.(path);
    },
    // Who may read is the server's to say, and so is what a resource is found by.
    share: never,
    reindex: never,
    amend: async (version) => {
      await writing?.admit(transaction, version);
      await transaction.amend(version);
    },
    put: async (next, replaced) => {
      // An id is taken, be it seen or not: this is all that is told of it.
      const isHidden = !replaced && hidden.has(`${next.type}/${next.id}`);
      if (isHidden && (await transaction.read(next.type, next.id)))
        throw refuse(refusals.notFound, [`${next.type}/${next.id}`]);
      await transaction.put(view.author === undefined ? next : { ...next, author: view.author }, replaced);
      written.push(next);
    },
  };
}

function never(): Promise<never> {
  return Promise.reject(new TypeError('This is for the server alone'));
}

function visibleReader(view: View, reader: Reader): Reader {
  return {
    entire: reader.entire ?? reader,
    read: async (type, id) => {
      const found = await reader.read(type, id);
      if (!found) return undefined;
      const isShown = shows(view, reader, found);
      // Waited for only where it must be: a read takes microseconds.
      return isShown === true || (await isShown) ? found : undefined;
    },
    readVersion: async (type, id, version) => {
      const found = await reader.readVersion(type, id, version);
      return found && (await shows(view, reader, found)) ? found : undefined;
    },
    history: (request, allowance) => visibleHistory(view, reader, request, allowance),
    search: (request, allowance) =>
      reader.search({ ...request, filter: narrowed(view, request.type, request.filter) }, allowance),
    count: (type, filter, allowance) => reader.count(type, narrowed(view, type, filter), allowance),
  };
}

/** Whether a version is to be seen: nearly always that is known without a question. */
function shows(view: View, reader: Reader, { type, id, access }: StoredVersion): boolean | Promise<boolean> {
  const known = view.shows(type, access);
  if (known !== undefined) return known;
  // Of a type that the scopes permit a part of, the current version decides.
  const filter = and([{ kind: 'id', ids: [id] }, view.filter(type, 'read')]);
  return reader.count(type, filter).then((count) => count > 0);
}

/** A query that only what may be seen meets, and that looks at nothing else on its way. */
export function narrowed(view: View, type: string, query: Query): Query {
  return and([within(view, query), view.filter(type)]);
}

/** Narrows the inner sides of chains and of `_has`; what holds none is given back as it is. */
function within(view: View, query: Query): Query {
  switch (query.kind) {
    case 'and':
    case 'or': {
      const of = query.of.map((each) => within(view, each));
      return of.some((each, index) => each !== query.of[index]) ? { kind: query.kind, of } : query;
    }
    case 'not': {
      const of = within(view, query.of);
      return of === query.of ? query : { kind: 'not', of };
    }
    case 'chain':
      return { ...query, filter: narrowed(view, query.target, query.filter) };
    case 'has':
      return { ...query, filter: narrowed(view, query.source, query.filter) };
    default:
      return query;
  }
}

/**
 * The versions that may be seen: those of resources that may be. What may not is passed over, as long as the time that
 * the request has lasts.
 */
async function visibleHistory(
  view: View,
  reader: Reader,
  request: HistoryRequest,
  allowance?: Allowance,
): Promise<StoredVersion[]> {
  const seen: StoredVersion[] = [];
  const isPage = exceeding(request.bytes);
  for (let asked: HistoryRequest = request; ; ) {
    const found = await reader.history(asked, allowance);
    const endsByBytes = exceeding(request.bytes);
    let isCut = false;
    for (const version of found) {
      isCut = endsByBytes(version.text);
      if (!(await shows(view, reader, version))) continue;
      seen.push(version);
      if (isPage(version.text) || seen.length === request.limit) return seen;
    }
    const last = found.at(-1);
    if (!last || (found.length < asked.limit && !isCut)) return seen;
    const { updated, type, id, version } = last;
    asked = {
      ...request,
      after: { updated, type, id, version },
      limit: Math.max(request.limit, historyBatch),
    };
  }
}
