import type { Element, Resource } from '../../../fhir/resource.ts';
import { vitalSignsProfile } from '../../../fhir/validation/vital-signs.ts';
import { codeSystems } from '../../vocabulary.ts';
import type { Field } from '../fields.ts';
import { splitList } from '../values/values.ts';
import { codingIn, concept, numberIn, type Part, type PartContext, present, textIn } from './part.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem';
const icd10 = 'urn:oid:2.16.156.10011.2.3.3.11.3';
const atc = 'http://www.whocc.no/atc';

/** The diagnoses of a row: its codes and its names in their order, or codes that stand before or behind the names. */
export function diagnosisParts(context: PartContext): Part[] {
  const { row } = context;
  const codes = splitList(textIn(row, 'diagnosis-code') ?? '');
  const names = splitList(textIn(row, 'diagnosis') ?? '');
  const certainty = codingIn(row, 'diagnosis-certainty')?.code;
  const onset = textIn(row, 'onset');
  return Array.from({ length: Math.max(codes.length, names.length) }, (_, index): Part => {
    const code = codes[index]
      ? { coding: [icd(codes[index], nameIn(names[index]))], ...textOf(names[index]) }
      : diseaseOf(names[index]!);
    return {
      key: `diagnosis-${index + 1}`,
      fields: present(row, ['diagnosis', 'diagnosis-code', 'diagnosis-certainty', 'onset']),
      resource: condition(context, code, {
        ...(certainty && { verificationStatus: concept(`${terminology}/condition-ver-status`, certainty) }),
        ...(onset && { onsetDateTime: onset }),
      }),
    };
  });
}

/** The symptoms of a row, as further conditions. */
export function symptomParts(context: PartContext): Part[] {
  return splitList(textIn(context.row, 'symptoms') ?? '').map((symptom, index) => ({
    key: `symptom-${index + 1}`,
    fields: ['symptoms'],
    resource: condition(context, diseaseOf(symptom), {
      verificationStatus: concept(`${terminology}/condition-ver-status`, 'confirmed'),
    }),
  }));
}

function condition({ parties, refer, authored }: PartContext, code: Element, more: Element): Resource {
  return {
    resourceType: 'Condition',
    clinicalStatus: concept(`${terminology}/condition-clinical`, 'active'),
    category: [concept(`${terminology}/condition-category`, 'encounter-diagnosis')],
    code,
    subject: refer('patient'),
    recordedDate: authored,
    recorder: parties.doctor,
    ...more,
  };
}

const codeFirst = /^([A-Z]\d{2}(?:\.[\dx]{1,3}(?:x\d{3})?)?[+*]?)[\s::|,、]*(.*)$/iu;
const codeBehind = /^(.*?)[\s(([【]+([A-Z]\d{2}(?:\.[\dx]{1,3}(?:x\d{3})?)?[+*]?)[))\]】]?$/iu;

/** A disease in words, of which a code may be a part: `I10.x00 高血压`, `高血压(I10.x00)`. */
function diseaseOf(written: string): Element {
  const [, first, after] = codeFirst.exec(written) ?? [];
  if (first !== undefined) return { coding: [icd(first, after || undefined)], text: after || first };
  const [, before, last] = codeBehind.exec(written) ?? [];
  if (last !== undefined) return { coding: [icd(last, before || undefined)], text: before || last };
  return { text: written };
}

/** The letter of a code is a capital one, the filler in it a small x. */
function icd(code: string, display: string | undefined): Element {
  const written = code.normalize('NFKC').trim();
  return {
    system: icd10,
    code: written.slice(0, 1).toUpperCase() + written.slice(1).toLowerCase(),
    ...(display && { display }),
  };
}

function nameIn(name: string | undefined): string | undefined {
  const { text } = name === undefined ? {} : (diseaseOf(name) as { text?: string });
  return text;
}

function textOf(name: string | undefined): Element {
  const text = nameIn(name);
  return text === undefined ? {} : { text };
}

/** The vital signs and results of a row, by the fields that are Observations. */
export function observationParts(context: PartContext, fields: readonly Field[]): Part[] {
  const { row } = context;
  const time = textIn(row, 'measured-at') ?? textIn(row, 'encounter-date') ?? context.authored;
  const observation = (field: Field, value: Element): Part => ({
    key: field.code,
    fields: present(row, [field.code, 'measured-at']),
    resource: observed(context, time, codeOf(field), value),
  });
  const single = fields.flatMap((field): Part[] => {
    if (field.observation.length === 0 || pressures.includes(field.code)) return [];
    const coding = codingIn(row, field.code);
    if (coding) return [observation(field, { valueCodeableConcept: { coding: [coding] } })];
    const value = numberIn(row, field.code);
    return value === undefined ? [] : [observation(field, { valueQuantity: quantity(value, field) })];
  });
  return [...pressureParts(context, time, fields), ...single];
}

const pressures = ['systolic', 'diastolic'];

/** Readings of the blood pressure: of the two columns, or of one in which both stand, several with semicolons. */
function pressureParts(context: PartContext, time: string, fields: readonly Field[]): Part[] {
  const { row } = context;
  const [systolic, diastolic] = pressures.map((code) => fields.find((field) => field.code === code)!);
  const pair = { systolic: numberIn(row, 'systolic'), diastolic: numberIn(row, 'diastolic') };
  const readings = [
    ...(pair.systolic !== undefined || pair.diastolic !== undefined ? [pair] : []),
    ...readPressures(textIn(row, 'blood-pressure') ?? ''),
  ];
  return readings.map((reading, index) => ({
    key: `blood-pressure-${index + 1}`,
    fields: present(row, [...pressures, 'blood-pressure', 'measured-at']),
    resource: observed(context, time, concept(codeSystems.loinc, '85354-9', 'Blood pressure panel', '血压'), {
      component: [componentOf(systolic!, reading.systolic), componentOf(diastolic!, reading.diastolic)],
    }),
  }));
}

const pressure = /^(\d{2,3})\s*[/\\]\s*(\d{2,3})\s*(?:mm\s*Hg|毫米汞柱)?$/iu;

/** Whether each reading in a text is `162/98`. */
export function isPressure(text: string): boolean {
  return splitList(text.normalize('NFKC')).every((item) => pressure.test(item));
}

function readPressures(text: string) {
  return splitList(text.normalize('NFKC')).flatMap((item) => {
    const [, systolic, diastolic] = pressure.exec(item) ?? [];
    return systolic === undefined ? [] : [{ systolic: Number(systolic), diastolic: Number(diastolic) }];
  });
}

/** One of the two pressures. That one is not known is said, so that it is no other's. */
function componentOf(field: Field, value: number | undefined): Element {
  const code = codeOf(field);
  return value === undefined
    ? { code, dataAbsentReason: concept(`${terminology}/data-absent-reason`, 'unknown', 'Unknown') }
    : { code, valueQuantity: quantity(value, field) };
}

function codeOf({ observation, name }: Field): Element {
  return { coding: observation.map((code) => ({ system: codeSystems.loinc, code })), text: name.zh };
}

function quantity(value: number, { unit, unitDisplay }: Field): Element {
  return unit === undefined
    ? { value }
    : { value, unit: unitDisplay ?? unit, system: codeSystems.ucum, code: unit };
}

function observed({ parties, refer }: PartContext, time: string, code: Element, value: Element): Resource {
  const isVitalSign = vitalSignsProfile({ resourceType: 'Observation', code }) !== undefined;
  const category = isVitalSign ? 'vital-signs' : 'laboratory';
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [concept(`${terminology}/observation-category`, category)],
    code,
    subject: refer('patient'),
    effectiveDateTime: time,
    performer: [parties.sender ?? parties.doctor],
    ...value,
  };
}

const atcFirst = /^([A-Z]\d{2}[A-Z]{2}\d{2})[\s::|,、]+(.+)$/u;

/** The medicines of a row; an ATC code may stand before each. */
export function medicationParts(context: PartContext): Part[] {
  return splitList(textIn(context.row, 'medications') ?? '').map((item, index) => {
    const [, code, name] = atcFirst.exec(item) ?? [];
    return {
      key: `medication-${index + 1}`,
      fields: ['medications'],
      resource: {
        resourceType: 'MedicationRequest',
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: {
          ...(code && { coding: [{ system: atc, code }] }),
          text: name ?? item,
        },
        subject: context.refer('patient'),
        authoredOn: context.authored,
        requester: context.parties.doctor,
      },
    };
  });
}
