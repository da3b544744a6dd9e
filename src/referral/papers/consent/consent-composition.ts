import type { Definitions } from '../../../fhir/definitions/definitions.ts';
import { string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { codeSystems } from '../../vocabulary.ts';
import { referenceTo } from '../document/document-bundle.ts';
import { displayOf } from '../document/form-composition.ts';
import { narrativeOf } from '../document/narrative.ts';
import type { Named, ReferralRecord } from '../record/referral-record.ts';
import type { Held } from '../record/shelf.ts';
import type { Sheet } from '../sheet/sheet.ts';
import { sheetText } from '../sheet/sheet-text.ts';

/** A paper of consent as a Composition: its text, and the consent, once there is one. */
export function consentComposition(
  category: string,
  { record, consent, sheet }: { record: ReferralRecord; consent: Held | undefined; sheet: Sheet },
  { definitions, base }: { definitions: Definitions; base: string },
): Resource {
  const title = displayOf(definitions, codeSystems.consentCategory, category);
  const { task, referral, patient, sender, doctor } = record;
  const type = {
    coding: [{ system: codeSystems.consentCategory, code: category, display: title }],
    text: title,
  };
  const about = [referral, task].flatMap((each) => (each ? referenceTo(each, base) : []));
  const author = [doctor.role, sender].flatMap((named) => reference(named, base) ?? []);
  return {
    resourceType: 'Composition',
    language: 'zh-CN',
    text: narrativeOf(title),
    status: consent ? 'final' : 'preliminary',
    type,
    subject: reference(patient, base) ?? { display: '患者' },
    author: author.length > 0 ? author.slice(0, 1) : [{ display: '告知医生' }],
    title,
    ...(about.length > 0 && { event: [{ detail: about }] }),
    section: [
      {
        title,
        code: type,
        text: narrativeOf(sheetText(sheet)),
        ...(consent && { entry: [referenceTo(consent, base)] }),
      },
    ],
  };
}

function reference({ reference: stated, held }: Named, base: string): Element | undefined {
  const display = string(stated, 'display');
  if (held) return referenceTo(held, base, display);
  return display === undefined ? undefined : { display };
}
