import { refuse } from '../../fhir/refusal.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { directionOf, isReferral, isReferralTask } from '../recognise.ts';
import type { References } from '../reference.ts';
import { businessStatusOf } from '../workflow/states.ts';
import { documentBundle } from './document/document-bundle.ts';
import { formComposition } from './document/form-composition.ts';
import { formOfPaper } from './form-of-paper.ts';
import type { Paper } from './paper.ts';
import { blanksOf } from './record/blanks.ts';
import { consentsGiven } from './record/consents-given.ts';
import { type ReferralRecord, readReferral, readReturn, taskBehind } from './record/referral-record.ts';
import { type FormCode, sectionsOf } from './record/sections.ts';
import type { Held } from './record/shelf.ts';
import { paperRefusals } from './refusals.ts';
import { sheetOf } from './sheet/sheet.ts';

/**
 * A national form of the referral of a Task. Unless one is asked for: the form by which a patient goes down, or has been
 * returned, is 回转单, else 转出单. Refuses with 422 a Task that coordinates no referral.
 */
export async function nationalForm(
  task: Held,
  asked: FormCode | undefined,
  { server, reader, references }: { server: Server; reader: Reader; references: References },
): Promise<Paper> {
  const { form, record } = await meant(task, asked, reader, references);
  const sections = sectionsOf(form, record);
  const blanks = blanksOf(record, sections);
  const held = async () => [...(record.task ? [record.task] : []), ...(await record.shelf.taken())];
  return {
    name: `${form}-${task.version.id}`,
    held,
    document: async () => {
      const consents = await consentsGiven(record, reader, references);
      return documentBundle({
        composition: formComposition(form, { record, sections, blanks, consents }, server),
        of: `${form} of Task/${task.version.id}`,
        held: [...(await held()), ...consents],
        base: server.base,
      });
    },
    sheet: async () => sheetOf((await formOfPaper(form, server))!, blanks, task.version.updated),
  };
}

async function meant(
  task: Held,
  asked: FormCode | undefined,
  reader: Reader,
  references: References,
): Promise<{ form: FormCode; record: ReferralRecord }> {
  const own = await readReferral(task, reader, references);
  mustBeReferral(own, task);
  const isDown = own.referral !== undefined && directionOf(own.referral.resource) === 'down';
  const isReturned = businessStatusOf(task.resource) === 'returned';
  const form = asked ?? (isDown || isReturned ? 'transfer-back-form' : 'transfer-out-form');
  if (form === 'transfer-back-form')
    return { form, record: isDown ? own : await readReturn(task, reader, references) };
  // The patient who now goes down went up by another referral: that one was the transfer out.
  const up = isDown ? await taskBehind(task, reader, references) : undefined;
  return { form, record: up ? await readReferral(up, reader, references) : own };
}

/** Refuses with 422 a Task that is not that of a referral. */
export function mustBeReferral({ referral }: ReferralRecord, task: Held): void {
  if (!isReferralTask(task.resource) && !(referral && isReferral(referral.resource)))
    throw refuse(paperRefusals.notAPaper, [`Task/${task.version.id}`]);
}
