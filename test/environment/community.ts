import type { Element, Resource } from '../../src/fhir/resource.ts';

const base = 'https://w3id.org/zhuanzhen';
const direction = `${base}/CodeSystem/referral-direction`;
const indication = `${base}/CodeSystem/referral-indication`;
const icd10 = 'urn:oid:2.16.156.10011.2.3.3.11.3';

const at = (type: string, id: string) => ({ reference: `${type}/${id}` });
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

/** An institution of a tier. */
function institution(id: string, name: string, tier: string): Resource {
  return {
    resourceType: 'Organization',
    id,
    name,
    extension: [{ url: `${base}/StructureDefinition/institution-tier`, valueCode: tier }],
  };
}

function affiliation(id: string, hospital: string, community: string, role: string): Resource {
  return {
    resourceType: 'OrganizationAffiliation',
    id,
    active: true,
    organization: at('Organization', community),
    participatingOrganization: at('Organization', hospital),
    code: [concept(`${base}/CodeSystem/affiliation-role`, role)],
  };
}

/**
 * A county medical community: the township health centre with Dr Wang, its lead hospital, and, outside of it, a
 * municipal hospital and the lead hospital of the neighbouring community.
 */
export const community: readonly Resource[] = [
  institution('township', '城关镇卫生院', 'township'),
  institution('lead', '县人民医院', 'county'),
  institution('municipal', '市人民医院', 'municipal'),
  institution('neighbour', '邻县人民医院', 'county'),
  affiliation('a1', 'lead', 'alliance', 'lead-hospital'),
  affiliation('a2', 'township', 'alliance', 'member'),
  affiliation('a3', 'neighbour', 'other-alliance', 'lead-hospital'),
  {
    resourceType: 'PractitionerRole',
    id: 'dr-wang',
    practitioner: at('Practitioner', 'wang'),
    organization: at('Organization', 'township'),
  },
];

/** A woman born on 31 December 1949, with a valid resident id. */
export const patient: Resource = {
  resourceType: 'Patient',
  id: 'pt',
  identifier: [{ system: 'urn:oid:2.16.156.10011.1.3', value: '11010519491231002X' }],
  gender: 'female',
  birthDate: '1949-12-31',
  telecom: [{ system: 'phone', value: '13800000000' }],
  address: [{ text: '城关镇东街1号' }],
};

export const consent: Resource = {
  resourceType: 'Consent',
  id: 'consent',
  status: 'active',
  scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'treatment'),
  category: [concept(`${base}/CodeSystem/consent-category`, 'referral-consent')],
  patient: at('Patient', 'pt'),
  policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
};

export const diagnosis: Resource = {
  resourceType: 'Condition',
  id: 'dx',
  code: concept(icd10, 'I10.x00'),
  subject: at('Patient', 'pt'),
};

/** Dr Wang's referral of the patient up to the lead hospital, for a complex case of hypertension. */
export function referral(changes: Partial<Resource> = {}): Resource {
  return {
    resourceType: 'ServiceRequest',
    id: 'sr',
    identifier: [
      {
        type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'PLAC'),
        system: `${base}/sid/referral-number/township`,
        value: 'ZZ-001',
      },
    ],
    status: 'active',
    intent: 'order',
    priority: 'routine',
    category: [concept(direction, 'up')],
    code: concept('http://snomed.info/sct', '3457005'),
    subject: at('Patient', 'pt'),
    authoredOn: '2026-03-02T09:00:00+08:00',
    requester: at('PractitionerRole', 'dr-wang'),
    performer: [at('Organization', 'lead')],
    reasonCode: [concept(indication, 'up-complex')],
    reasonReference: [at('Condition', 'dx')],
    ...changes,
  };
}

export function up(code: string): Partial<Resource> {
  return { reasonCode: [concept(indication, code)] };
}

/** The Task that asks an organization to take a referral. */
export function task(changes: Partial<Resource> = {}): Resource {
  return {
    resourceType: 'Task',
    id: 'task',
    identifier: [{ system: `${base}/sid/task`, value: 'T-001' }],
    status: 'requested',
    businessStatus: concept(`${base}/CodeSystem/referral-business-status`, 'submitted'),
    intent: 'order',
    code: concept('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill'),
    focus: at('ServiceRequest', 'sr'),
    for: at('Patient', 'pt'),
    authoredOn: '2026-03-02T09:00:00+08:00',
    requester: at('Organization', 'township'),
    owner: at('Organization', 'lead'),
    ...changes,
  };
}

/** A blood pressure, in mm[Hg] unless another unit is given. */
export function bloodPressure(
  id: string,
  systolic: number,
  diastolic: number,
  { unit = 'mm[Hg]', time = '2026-03-02T08:50:00+08:00' }: { unit?: string; time?: string } = {},
): Resource {
  const part = (code: string, value: number): Element => ({
    code: concept('http://loinc.org', code),
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  });
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: concept('http://loinc.org', '85354-9'),
    subject: at('Patient', 'pt'),
    effectiveDateTime: time,
    component: [part('8480-6', systolic), part('8462-4', diastolic)],
  };
}
