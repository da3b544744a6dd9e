import { elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { conceptWords, dateWords, narrativeWords, quantityWords, trimmed } from './words.ts';

/** Punctuation of Chinese print. */
const [comma, colon, open, close] = ['\uff0c', '\uff1a', '\uff08', '\uff09'];

/** Clinical resources in a line of words each, as a doctor writes them; undefined where they say nothing. */
export const clinicalWords: Readonly<Record<string, (resource: Resource) => string | undefined>> = {
  Condition: (condition) => {
    const name = conceptWords(elements(condition, 'code')[0]);
    const [coding] = elements(elements(condition, 'code')[0], 'coding');
    const code = string(coding, 'code');
    const isUnsure = hasCode(condition, 'verificationStatus', ['unconfirmed', 'provisional', 'differential']);
    if (name === undefined) return undefined;
    return `${name}${code && code !== name ? `${open}${code}${close}` : ''}${isUnsure ? `${comma}待确诊` : ''}`;
  },
  Observation: (observation) => {
    const name = conceptWords(elements(observation, 'code')[0]);
    const own = valueWords(observation);
    const parts = elements(observation, 'component').flatMap((component) => {
      const value = valueWords(component);
      return value === undefined
        ? []
        : `${conceptWords(elements(component, 'code')[0]) ?? ''} ${value}`.trim();
    });
    const value = [...(own === undefined ? [] : [own]), ...parts].join(comma);
    if (name === undefined || value === '') return undefined;
    return `${name}${colon}${value}${dated(string(observation, 'effectiveDateTime'))}`;
  },
  DiagnosticReport: (report) => {
    const name = conceptWords(elements(report, 'code')[0]);
    const conclusion =
      trimmed(string(report, 'conclusion')) ??
      trimmed(
        elements(report, 'conclusionCode')
          .flatMap((code) => conceptWords(code) ?? [])
          .join('、'),
      );
    if (name === undefined || conclusion === undefined) return undefined;
    return `${name}${colon}${conclusion}${dated(string(report, 'effectiveDateTime'))}`;
  },
  MedicationRequest: (medication) => medicineWords(medication, 'dosageInstruction'),
  MedicationStatement: (medication) => medicineWords(medication, 'dosage'),
  MedicationAdministration: (medication) => medicineWords(medication, 'dosage'),
  Procedure: (procedure) => {
    const name = conceptWords(elements(procedure, 'code')[0]);
    return name === undefined ? undefined : `${name}${dated(string(procedure, 'performedDateTime'))}`;
  },
  AllergyIntolerance: (allergy) => {
    const name = conceptWords(elements(allergy, 'code')[0]);
    return name === undefined ? undefined : `过敏${colon}${name}`;
  },
  CarePlan: (plan) => {
    const activities = elements(plan, 'activity').flatMap((activity) => {
      const [detail] = elements(activity, 'detail');
      return trimmed(string(detail, 'description')) ?? conceptWords(elements(detail, 'code')[0]) ?? [];
    });
    return trimmed(
      [trimmed(string(plan, 'title')), trimmed(string(plan, 'description')), ...activities]
        .filter((line) => line !== undefined)
        .join('\n'),
    );
  },
  ClinicalImpression: (impression) =>
    trimmed(string(impression, 'summary')) ?? trimmed(string(impression, 'description')),
  DocumentReference: (document) => trimmed(string(document, 'description')),
};

function medicineWords(medication: Resource, dosage: string): string | undefined {
  const name =
    conceptWords(elements(medication, 'medicationCodeableConcept')[0]) ??
    trimmed(string(elements(medication, 'medicationReference')[0], 'display'));
  const how = elements(medication, dosage).flatMap((each) => trimmed(string(each, 'text')) ?? []);
  return name && [name, ...how].join(' ');
}

/** `value[x]` of an observation or of a part of one. */
function valueWords(holder: Element): string | undefined {
  const member = Object.keys(holder).find((name) => name.startsWith('value'));
  const value = member === undefined ? undefined : holder[member];
  switch (member) {
    case 'valueQuantity':
      return quantityWords(value as Element);
    case 'valueCodeableConcept':
      return conceptWords(value as Element);
    case 'valueString':
      return trimmed(String(value));
    case 'valueInteger':
      return String(value);
    case 'valueBoolean':
      return value === true ? '有' : '无';
    case 'valueDateTime':
      return timeWords(String(value));
    default:
      return undefined;
  }
}

/** A time to the minute, by the community's clock, as an onset is told. */
function timeWords(time: string): string | undefined {
  const instant = time.includes('T') ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(instant)) return dateWords(time);
  return `${dateWords(time)} ${new Date(instant + 8 * 3_600_000).toISOString().slice(11, 16)}`;
}

function dated(time: string | undefined): string {
  const date = dateWords(time);
  return date === undefined ? '' : `${open}${date}${close}`;
}

function hasCode(resource: Resource, member: string, codes: readonly string[]): boolean {
  return elements(elements(resource, member)[0], 'coding').some(({ code }) => codes.includes(String(code)));
}

/** The text that a Composition has for a section of a form, by the code of the section; sections within count. */
export function sectionWords(composition: Resource, system: string, code: string): string | undefined {
  const within = (parent: Element): Element[] =>
    elements(parent, 'section').flatMap((section) => [section, ...within(section)]);
  const section = within(composition).find((each) =>
    elements(elements(each, 'code')[0], 'coding').some(
      (coding) => coding.system === system && coding.code === code,
    ),
  );
  return narrativeWords(elements(section, 'text')[0]);
}
