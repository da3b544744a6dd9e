import { decisionsOn, isDecision, patientsDecidedOn } from '../decisions.ts';
import { hasReaders } from '../types.ts';
import { aboutPatient, type Drafts, draftOfStored, type Put } from './labelled.ts';
import { share } from './share.ts';
import type { LabelWork } from './work.ts';

/** So many resources of a patient are labelled anew in one question. */
const atOnce = 500;

/** Notes the patients on whom something that is written decides. */
export function noteDecision({ undecided }: LabelWork, { next, replaced }: Put): void {
  if (!isDecision(next.type)) return;
  for (const text of [next.text, replaced?.text])
    for (const patient of patientsDecidedOn(text)) undecided.add(patient);
}

/** Patients that are written bring along whose residents they are. */
export async function settlePatients(work: LabelWork, drafts: Drafts): Promise<void> {
  for (const draft of drafts.values()) {
    if (draft.type !== 'Patient' || !draft.terms || draft.text === null) continue;
    const signed = [...new Set(await work.organizationsBy(['general-practitioner'], draft.terms))];
    const before = draft.before?.decided;
    if ([...signed].sort().join() === [...(before?.signed ?? [])].sort().join()) continue;
    if (draft.before) work.undecided.add(draft.path);
    draft.access.decided = { signed, residentOf: signed, provisions: before?.provisions ?? [] };
  }
}

/** Reads anew what the patients have decided and labels all that is about them. */
export async function decide(work: LabelWork, patients: Iterable<string>): Promise<void> {
  work.forgetDecisions();
  for (const path of patients) {
    const draft = draftOfStored(await work.transaction.read('Patient', path.slice('Patient/'.length)));
    if (!draft?.before) continue;
    const asked = { now: work.now(), organizationAt: (to: string) => work.organizationAt(to) };
    draft.access.decided = await decisionsOn(work.transaction, path, draft.before, asked);
    const drafts: Drafts = new Map([[path, draft]]);
    await share(work, draft, drafts);
    for (const type of await work.types())
      if (type !== 'Patient' && hasReaders(type)) await relabel(work, type, path, drafts);
  }
}

/** Labels anew what is about a patient. */
async function relabel(
  work: LabelWork,
  type: string,
  patient: string,
  drafts: Readonly<Drafts>,
): Promise<void> {
  const of = aboutPatient.map((name) => ({ kind: 'term', term: `${name}|>${patient}` }) as const);
  const sort = [{ key: '_id', descending: false }];
  for (let after: { values: string[]; id: string } | undefined; ; ) {
    const found = await work.transaction.search({
      type,
      filter: { kind: 'or', of },
      sort,
      limit: atOnce,
      ...(after && { after }),
    });
    for (const { version } of found) {
      const draft = draftOfStored(version);
      if (draft) await share(work, draft, drafts);
    }
    const last = found.at(-1);
    if (found.length < atOnce || !last) return;
    after = { values: [last.version.id], id: last.version.id };
  }
}
