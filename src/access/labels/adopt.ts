import type { Match } from '../../store/store.ts';
import type { Access } from '../access.ts';
import { decisionsOn } from '../decisions.ts';
import { makers } from '../types.ts';
import { settlePatients } from './decide.ts';
import { type Drafts, draftOf } from './labelled.ts';
import { share } from './share.ts';
import { follow, spread } from './spread.ts';
import type { LabelWork } from './work.ts';

/** Labels what was stored before anything was kept of who may read it, by what it says itself. */
export async function adopt(work: LabelWork, matches: readonly Match[]): Promise<void> {
  work.isAdopting = true;
  const drafts: Drafts = new Map();
  for (const { version, terms } of matches) {
    if (version.access !== undefined) continue;
    const [author] = await work.organizationsBy(makers[version.type], terms);
    const draft = await draftOf(work, version, terms, undefined, author);
    drafts.set(draft.path, draft);
  }
  await settlePatients(work, drafts);
  for (const draft of [...drafts.values()]) {
    await spread(work, draft, drafts);
    await follow(work, draft, drafts);
  }
  for (const draft of drafts.values()) {
    if (draft.type === 'Patient' && draft.terms) {
      const before: Access = { ...draft.access, grants: draft.grants, readers: [] };
      const asked = { now: work.now(), organizationAt: (to: string) => work.organizationAt(to) };
      draft.access.decided = await decisionsOn(work.transaction, draft.path, before, asked);
    }
    await share(work, draft, drafts);
  }
}
