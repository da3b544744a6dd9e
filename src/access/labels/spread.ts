import { type Access, accessOf } from '../access.ts';
import { goesOn, referencesOf } from '../graph.ts';
import { follows, hasReaders, isShared } from '../types.ts';
import { type Drafts, draftOfStored, give, type Labelled } from './labelled.ts';
import type { LabelWork } from './work.ts';

/** So many resources at most are reached from those of one transaction. */
const mostReached = 2_000;
/** So many resources about one are passed on with it. */
const mostFollowing = 500;

/** The leave of each party of a draft goes on to what is new for it among the references (`graph.ts`). */
export async function spread(work: LabelWork, draft: Labelled, drafts: Drafts): Promise<void> {
  const { text, before, put } = draft;
  const going = Object.entries(draft.grants).filter(([, left]) => left > 0);
  if (text === null || going.length === 0) return;
  const known = put?.replaced?.text ? referencesOf(put.replaced.text, work.base) : new Set();
  for (const path of referencesOf(text, work.base)) {
    const fresh = known.has(path)
      ? going.filter(([organization, left]) => (before?.grants[organization] ?? -1) < left)
      : going;
    if (fresh.length > 0) await reachOut(work, draft, path, fresh, drafts);
  }
}

async function reachOut(
  work: LabelWork,
  from: Labelled,
  path: string,
  grants: readonly (readonly [string, number])[],
  drafts: Drafts,
): Promise<void> {
  const [type] = path.split('/') as [string];
  if (!goesOn(from.type, type, hasReaders)) return;
  const target = await targetAt(work, path, drafts);
  if (!target || !mayPassOn(work, from, target)) return;
  const given = grants.map(([organization, left]) => [organization, left - 1] as const);
  for (const [organization, left] of given) give(target.grants, organization, left);
  // Also to what lies behind it where it was theirs to read before: not all of that may have been.
  const going = given.filter(([organization, left]) => {
    const way = `${path} ${organization} ${left}`;
    const isNew = left > 0 && !work.gone.has(way);
    work.gone.add(way);
    return isNew;
  });
  if (going.length === 0 || target.text === null) return;
  for (const next of referencesOf(target.text, work.base)) await reachOut(work, target, next, going, drafts);
}

/** The draft of a resource, or that of what is stored, which is labelled along from here on. */
async function targetAt(work: LabelWork, path: string, drafts: Drafts): Promise<Labelled | undefined> {
  const known = drafts.get(path);
  if (known || drafts.size >= mostReached) return known;
  const [type, id] = path.split('/') as [string, string];
  const stored = draftOfStored(await work.transaction.read(type, id));
  if (stored) drafts.set(path, stored);
  return stored;
}

/**
 * Whether the leave to read goes on over a reference: nobody gives what is not theirs to see. A reference that was
 * stored before is its author's word, but for what others may have changed as well.
 */
function mayPassOn(work: LabelWork, from: Labelled, { path, before, put }: Labelled): boolean {
  if (work.recognised.has(path) || (put && !before) || work.isAdopting) return true;
  if (!before) return false;
  const isAuthors = !from.put && !(isShared(from.type) && work.writer !== undefined);
  const givers = [work.writer, ...(isAuthors ? [from.access.author] : [])];
  const known = givers.filter((each) => each !== undefined);
  // What nobody is known to have written, the server has.
  return known.length === 0 || known.some((giver) => mayGive(giver, before));
}

/**
 * Whether an organization may pass on what it reads: by a standing of its own, for a Consent or an emergency that lets
 * it read for a time would else be made to last.
 */
function mayGive(giver: string, { author, grants, readers }: Access): boolean {
  if (giver === author) return true;
  const kinds = grants[giver] === undefined ? ['alliance ', 'family '] : ['', 'alliance ', 'family '];
  return kinds.some((kind) => ['', '#restricted'].some((mark) => readers.includes(`${kind}${giver}${mark}`)));
}

/** What is about a resource is read by whoever reads that: also when it was there before, and its resource is passed on. */
export async function follow(work: LabelWork, draft: Labelled, drafts: Drafts): Promise<void> {
  if (draft.terms) return followTargets(work, draft, draft.terms, drafts);
  for (const [type, { by, along }] of Object.entries(follows)) {
    if (along !== draft.type) continue;
    const filter = { kind: 'term', term: `${by}|>${draft.path}` } as const;
    for (const { version } of await work.transaction.search({
      type,
      filter,
      sort: [],
      limit: mostFollowing,
    })) {
      const follower = await targetAt(work, `${type}/${version.id}`, drafts);
      if (follower)
        for (const organization of Object.keys(draft.grants)) give(follower.grants, organization, 0);
    }
  }
}

async function followTargets(
  { transaction }: LabelWork,
  draft: Labelled,
  terms: readonly string[],
  drafts: Drafts,
): Promise<void> {
  const about = follows[draft.type];
  if (!about) return;
  for (const term of terms) {
    if (!term.startsWith(`${about.by}|>`)) continue;
    const path = term.slice(about.by.length + 2);
    const [type, id] = path.split('/') as [string, string];
    const known = drafts.get(path);
    const stored = known || !hasReaders(type) ? undefined : accessOf(await transaction.read(type, id));
    const author = known?.access.author ?? stored?.author;
    for (const organization of [author, ...Object.keys(known?.grants ?? stored?.grants ?? {})])
      if (organization !== undefined) give(draft.grants, organization, 0);
  }
}
