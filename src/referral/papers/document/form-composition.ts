import type { Definitions } from '../../../fhir/definitions/definitions.ts';
import { elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { codeSystems, paperProfiles } from '../../vocabulary.ts';
import type { Blanks } from '../record/blanks.ts';
import type { Named, ReferralRecord } from '../record/referral-record.ts';
import type { FormCode, Section } from '../record/sections.ts';
import type { Held } from '../record/shelf.ts';
import { referenceTo } from './document-bundle.ts';
import { narrativeOf } from './narrative.ts';

/** What stands in a section of a document that the referral holds nothing for. */
const notStated = '未填写 / not stated';

/** Who may be an author (http://hl7.org/fhir/R4/composition-definitions.html#Composition.author). */
const authors = ['Practitioner', 'PractitionerRole', 'Device', 'Patient', 'RelatedPerson', 'Organization'];

/** A national form as a Composition, by its profile; what it names is in the record. */
export function formComposition(
  form: FormCode,
  {
    record,
    sections,
    blanks,
    consents,
  }: { record: ReferralRecord; sections: readonly Section[]; blanks: Blanks; consents: readonly Held[] },
  { definitions, base }: { definitions: Definitions; base: string },
): Resource {
  const { task, referral, patient, encounter, sender, doctor } = record;
  const title = displayOf(definitions, codeSystems.referralForm, form);
  const coordinated = [referral, task, ...consents].flatMap((each) => (each ? referenceTo(each, base) : []));
  return {
    resourceType: 'Composition',
    meta: { profile: [paperProfiles[form]] },
    language: 'zh-CN',
    text: narrativeOf(summary(title, blanks)),
    status: 'final',
    type: { coding: [{ system: codeSystems.referralForm, code: form, display: title }], text: title },
    subject: reference(patient, base) ?? { display: '患者' },
    ...(encounter && { encounter: referenceTo(encounter, base) }),
    author: [authorOf(doctor.role, base) ?? authorOf(sender, base) ?? { display: '转诊医生' }],
    title,
    ...(sender.held?.resource.resourceType === 'Organization' && { custodian: reference(sender, base) }),
    ...(coordinated.length > 0 && { event: [{ detail: coordinated }] }),
    section: sections.map((section) => sectionOf(section, definitions, base)),
  };
}

function sectionOf({ code, text, from }: Section, definitions: Definitions, base: string): Element {
  const display = displayOf(definitions, codeSystems.formSection, code);
  const system = 'http://terminology.hl7.org/CodeSystem/list-empty-reason';
  return {
    title: display,
    code: { coding: [{ system: codeSystems.formSection, code, display }] },
    text: narrativeOf(text ?? notStated),
    ...(from.length > 0 && { entry: from.map((held) => referenceTo(held, base)) }),
    ...(text === undefined && { emptyReason: { coding: [{ system, code: 'unavailable' }] } }),
  };
}

function summary(title: string, blanks: Blanks): string {
  const said = ['referral-number', 'patient-name', 'sex', 'age', 'sender', 'receiver', 'date']
    .flatMap((name) => blanks.get(name) ?? [])
    .join(' ');
  return `${title}\n${said}`;
}

function authorOf(named: Named, base: string): Element | undefined {
  return named.held && authors.includes(named.held.resource.resourceType)
    ? reference(named, base)
    : undefined;
}

/** A Reference into the document; to what is not on record in words alone. */
function reference({ reference: stated, held }: Named, base: string): Element | undefined {
  const display = string(stated, 'display');
  if (held) return referenceTo(held, base, display);
  return display === undefined ? undefined : { display };
}

/** What a code is called in the language of the papers. */
export function displayOf(definitions: Definitions, system: string, code: string): string {
  const concepts = elements(definitions.find('CodeSystem', system), 'concept');
  return (
    string(
      concepts.find((concept) => concept.code === code),
      'display',
    ) ?? code
  );
}
