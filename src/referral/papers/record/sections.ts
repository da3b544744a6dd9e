import { codesOf, codings, elements, string } from '../../../fhir/elements.ts';
import { codeSystems } from '../../vocabulary.ts';
import { clinicalWords, sectionWords } from './clinical-words.ts';
import type { ReferralRecord } from './referral-record.ts';
import type { Held } from './shelf.ts';
import { conceptWords, trimmed } from './words.ts';

/** The two national forms, by the codes of CodeSystem/referral-form. */
export type FormCode = 'transfer-out-form' | 'transfer-back-form';

/** The sections of the forms, by the codes of CodeSystem/form-section. */
export type SectionCode =
  | 'impression'
  | 'present-illness'
  | 'past-history'
  | 'treatment-course'
  | 'final-diagnosis'
  | 'key-results'
  | 'next-plan';

/** What a form says under a heading, and from which resources. */
export interface Section {
  code: SectionCode;
  /** Undefined: the referral holds nothing of it, and nothing is made up. */
  text: string | undefined;
  from: Held[];
}

/** The sections of each form, in their order. */
export const formSections: Readonly<Record<FormCode, readonly SectionCode[]>> = {
  'transfer-out-form': ['impression', 'present-illness', 'past-history', 'treatment-course'],
  'transfer-back-form': ['final-diagnosis', 'key-results', 'treatment-course', 'next-plan'],
};

/** A section of a form has so many characters at most; the rest is in the records. */
const mostCharacters = 4_000;

const cut = '……(其余见病历)';

const medicines = ['MedicationRequest', 'MedicationStatement', 'MedicationAdministration'];
const results = ['Observation', 'DiagnosticReport'];

/**
 * What the sections of a form are taken from where the referral brings no Composition that has them: types of resources
 * among its reasons and its evidence, and the reason in words.
 */
const sources: Readonly<Record<FormCode, Partial<Record<SectionCode, (record: ReferralRecord) => Part[]>>>> =
  {
    'transfer-out-form': {
      impression: ({ reasons, evidence }) => [
        ...ofTypes(reasons, ['Condition']),
        ...ofTypes(evidence, ['ClinicalImpression']),
      ],
      'present-illness': (record) => [
        ...reasonWords(record),
        ...ofTypes(record.reasons, results),
        ...ofTypes(record.evidence, results),
      ],
      'past-history': ({ evidence }) => ofTypes(evidence, ['Condition', 'AllergyIntolerance']),
      'treatment-course': ({ evidence }) => ofTypes(evidence, ['Procedure', ...medicines]),
    },
    'transfer-back-form': {
      'final-diagnosis': ({ reasons, evidence }) => [
        ...ofTypes(reasons, ['Condition']),
        ...ofTypes(evidence, ['Condition']),
      ],
      'key-results': ({ reasons, evidence }) => ofTypes([...reasons, ...evidence], results),
      'treatment-course': (record) => [...reasonWords(record), ...ofTypes(record.evidence, ['Procedure'])],
      'next-plan': ({ evidence, referral }) => [
        ...ofTypes(evidence, ['CarePlan']),
        ...ofTypes(evidence, medicines),
        ...said(trimmed(string(referral?.resource, 'patientInstruction'))),
      ],
    },
  };

interface Part {
  text: string;
  from?: Held;
}

/** The sections of a form, from what the referral holds; what a Composition of it says goes before what is derived. */
export function sectionsOf(form: FormCode, record: ReferralRecord): Section[] {
  const compositions = [...record.evidence, ...record.reasons].filter(
    ({ resource }) => resource.resourceType === 'Composition',
  );
  return formSections[form].map((code): Section => {
    const written = compositions.flatMap((from): Part[] => {
      const text = sectionWords(from.resource, codeSystems.formSection, code);
      return text === undefined ? [] : [{ text, from }];
    });
    const parts = written.length > 0 ? written : (sources[form][code]?.(record) ?? []);
    return {
      code,
      text: bounded(parts.map(({ text }) => text).join('\n')),
      from: [...new Set(parts.flatMap(({ from }) => from ?? []))],
    };
  });
}

function ofTypes(held: readonly Held[], types: readonly string[]): Part[] {
  const inOrder = types.flatMap((type) => held.filter(({ resource }) => resource.resourceType === type));
  return inOrder.flatMap((from) => {
    const text = clinicalWords[from.resource.resourceType]?.(from.resource);
    return text === undefined ? [] : [{ text, from }];
  });
}

/** Why the patient is referred: the indications, and the doctor's own words. */
function reasonWords({ referral }: ReferralRecord): Part[] {
  const indications = codings(referral?.resource, 'reasonCode')
    .filter(({ system }) => system === codeSystems.indication)
    .flatMap(({ display, code }) => display ?? code ?? []);
  const own = elements(referral?.resource, 'reasonCode').flatMap(
    (reason) =>
      trimmed(string(reason, 'text')) ??
      (codesOf({ reason }, 'reason', codeSystems.indication).length > 0 ? [] : (conceptWords(reason) ?? [])),
  );
  const notes = elements(referral?.resource, 'note').flatMap((note) => trimmed(string(note, 'text')) ?? []);
  return [
    ...new Set([...own, ...notes]),
    ...(indications.length > 0 ? [`转诊指征\uff1a${indications.join('、')}`] : []),
  ].map((text) => ({ text }));
}

function said(text: string | undefined): Part[] {
  return text === undefined ? [] : [{ text }];
}

function bounded(text: string): string | undefined {
  if (text === '') return undefined;
  const characters = [...text];
  return characters.length <= mostCharacters ? text : `${characters.slice(0, mostCharacters).join('')}${cut}`;
}
