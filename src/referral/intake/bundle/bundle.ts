import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Mapping } from '../mapping.ts';
import type { FlatRow } from '../row.ts';
import { numberSystems } from '../vocabulary.ts';
import { diagnosisParts, medicationParts, observationParts, symptomParts } from './clinical.ts';
import {
  consentParts,
  formComposition,
  formSections,
  isNational,
  planParts,
  summaryParts,
} from './papers.ts';
import {
  codingIn,
  fullUrlOf,
  type Part,
  type PartContext,
  type Parties,
  present,
  recordNumber,
  textIn,
} from './part.ts';
import { patientPart } from './patient.ts';
import { directionIn, referralPart } from './referral.ts';

/** The transaction that a row becomes. */
export interface ReferralBundle {
  bundle: Resource & { entry: BundleEntry[] };
  /** The type of each entry, and the fields that it was made from, by its place. */
  types: readonly string[];
  origins: readonly (readonly string[])[];
}

export interface BundleEntry extends Element {
  fullUrl: string;
  resource: Resource;
  request: { method: string; url: string; ifNoneExist?: string };
}

/**
 * The transaction Bundle of a row: patient, encounter, diagnoses, findings, medicines, papers and the referral, as any
 * other client would send them. Each part is created only if it is not there, so that a row which is sent twice is kept
 * once; the Task is made by the server, as for every referral that comes without one.
 */
export function bundleOf(row: FlatRow, parties: Parties, mapping: Mapping): ReferralBundle {
  const number = textIn(row, 'referral-number')!;
  const authored = textIn(row, 'authored')!;
  const refer = (key: string) => ({ reference: fullUrlOf(number, key) });
  const context: PartContext = { row, number, authored, parties, refer };
  const others = [
    patientPart(row),
    ...encounterParts(context),
    ...diagnosisParts(context),
    ...symptomParts(context),
    ...observationParts(context, mapping.fields),
    ...medicationParts(context),
    ...consentParts(context),
    ...planParts(context),
    ...summaryParts(context),
    ...coverageParts(context),
  ].map((part) => withEncounter(part, context));
  const form = formPart(context, others);
  const parts = [...others, ...form.parts];
  const all = [...parts, referralPart(context, parts, form.remarks)];
  return {
    bundle: { resourceType: 'Bundle', type: 'transaction', entry: all.map((part) => entryOf(number, part)) },
    types: all.map(({ resource }) => resource.resourceType),
    origins: all.map(({ fields }) => fields),
  };
}

function entryOf(number: string, { key, resource, condition }: Part): BundleEntry {
  const isNumbered = condition !== undefined;
  const record = recordNumber(number, key, resource);
  const identifier = [
    ...((resource.identifier as Element[] | undefined) ?? []),
    ...(isNumbered ? [] : [record]),
  ];
  const { resourceType, meta, ...rest } = resource;
  return {
    fullUrl: fullUrlOf(number, key),
    // A Composition has but one identifier (http://hl7.org/fhir/R4/composition.html).
    resource: {
      resourceType,
      ...(meta && { meta }),
      ...rest,
      ...(identifier.length > 0 && {
        identifier: resourceType === 'Composition' ? identifier[0] : identifier,
      }),
    },
    request: {
      method: 'POST',
      url: resourceType,
      ifNoneExist: condition ?? `identifier=${record.system}|${record.value}`,
    },
  };
}

const encounterNumbers = {
  'outpatient-number': numberSystems.outpatient,
  'inpatient-number': numberSystems.inpatient,
  'medical-record-number': numberSystems.medicalRecord,
} as const;

/** The encounter at the sender, where the row says anything of it. */
function encounterParts({ row, refer, parties, authored }: PartContext): Part[] {
  const fields = present(row, ['encounter-date', ...Object.keys(encounterNumbers)]);
  if (fields.length === 0) return [];
  const identifier = Object.entries(encounterNumbers).flatMap(([field, system]) => {
    const value = textIn(row, field);
    return value === undefined ? [] : [{ system, value }];
  });
  const isInpatient = row.values.has('inpatient-number') || row.values.has('medical-record-number');
  const resource: Resource = {
    resourceType: 'Encounter',
    ...(identifier.length > 0 && { identifier }),
    status: 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      ...(isInpatient
        ? { code: 'IMP', display: 'inpatient encounter' }
        : { code: 'AMB', display: 'ambulatory' }),
    },
    subject: refer('patient'),
    period: { start: textIn(row, 'encounter-date') ?? authored },
    ...(parties.sender && { serviceProvider: parties.sender }),
  };
  return [{ key: 'encounter', fields, resource }];
}

const ofEncounter = new Set(['Condition', 'Observation', 'MedicationRequest', 'CarePlan']);

function withEncounter(part: Part, { row, refer }: PartContext): Part {
  const hasOne = present(row, ['encounter-date', ...Object.keys(encounterNumbers)]).length > 0;
  if (!hasOne || !ofEncounter.has(part.resource.resourceType)) return part;
  return { ...part, resource: { ...part.resource, encounter: refer('encounter') } };
}

function coverageParts({ row, refer }: PartContext): Part[] {
  const type = codingIn(row, 'insurance-type');
  const card = textIn(row, 'insurance-card');
  if (!type && !card) return [];
  const resource: Resource = {
    resourceType: 'Coverage',
    ...(card && { identifier: [{ system: numberSystems.insuranceCard, value: card }] }),
    status: 'active',
    ...(type && { type: { coding: [type] } }),
    beneficiary: refer('patient'),
    payor: [{ display: '医疗保险经办机构' }],
  };
  return [{ key: 'coverage', fields: present(row, ['insurance-type', 'insurance-card']), resource }];
}

/** What the row says in words: the form, or, where a form would stand for a plan that there is not, remarks. */
function formPart(context: PartContext, parts: readonly Part[]): { parts: Part[]; remarks: string[] } {
  const { row, authored, parties, refer } = context;
  const form = directionIn(context) === 'down' ? 'back' : 'out';
  const told = present(row, ['present-illness', 'past-history', 'treatment', 'treatment-outcome', 'results']);
  if (told.length === 0) return { parts: [], remarks: [] };
  if (form === 'back' && !row.values.has('next-plan'))
    return { parts: [], remarks: told.flatMap((field) => textIn(row, field) ?? []) };
  const found = formSections(row, form);
  const isWhole = isNational(found, form) && (form === 'out' || row.values.has('medical-record-number'));
  const encounter = parts.some(({ key }) => key === 'encounter') ? refer('encounter') : undefined;
  const resource = formComposition(form, isWhole, found, {
    subject: refer('patient'),
    date: authored,
    author: parties.doctor,
    custodian: parties.sender,
    encounter,
  });
  return { parts: [{ key: 'form', fields: [...told, 'diagnosis', 'next-plan'], resource }], remarks: [] };
}
