import { type Access, accessText, readerTerms } from '../access.ts';
import { readersOf } from '../readers.ts';
import type { Drafts, Labelled } from './labelled.ts';
import type { LabelWork } from './work.ts';

/** Who may read what a draft is of, with all that is known of the others. */
export async function accessFor(
  work: LabelWork,
  { path, type, access, grants }: Labelled,
  drafts: Readonly<Drafts>,
): Promise<Access> {
  const own = access.decided ? [access.decided] : [];
  const decided = type === 'Patient' ? own : await work.decidedOf(access.patients ?? [], drafts);
  const alliancesOf = await work.membership();
  return { ...access, grants, readers: readersOf(path, { ...access, grants }, { decided, alliancesOf }) };
}

/** Writes who may read a stored resource, where that has changed. */
export async function share(work: LabelWork, draft: Labelled, drafts: Readonly<Drafts>): Promise<void> {
  const { type, id, version, before, text } = draft;
  const access = await accessFor(work, draft, drafts);
  const kept = accessText(access);
  if (before && kept === accessText(before)) return;
  const [was, is] = [new Set(before && readerTerms(before.readers)), new Set(readerTerms(access.readers))];
  const terms = (those: ReadonlySet<string>, without: ReadonlySet<string>) =>
    text === null ? [] : [...those].filter((each) => !without.has(each));
  await work.transaction.share({
    ...{ type, id, version, access: kept },
    removed: terms(was, is),
    added: terms(is, was),
  });
}
