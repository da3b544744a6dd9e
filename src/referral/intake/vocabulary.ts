const base = 'https://w3id.org/zhuanzhen';

/** The fields of the flat forms. */
export const intakeFieldSystem = `${base}/CodeSystem/intake-field`;

/** Names of columns, as the source of a group of a ConceptMap. */
export const intakeColumnSystem = `${base}/CodeSystem/intake-column`;

/** What is written in the column of a field, as the source of a group of a ConceptMap. */
export function intakeValueSystem(field: string): string {
  return `${base}/intake-value/${field}`;
}

/** The extension of a ConceptMap's product that states the unit of a result. */
export const intakeUnitProperty = 'http://unitsofmeasure.org';

/** Systems of the identifiers that a row can give. */
export const numberSystems = {
  referral: `${base}/sid/referral-number`,
  record: `${base}/sid/record-number`,
  chain: `${base}/sid/referral-chain`,
  event: `${base}/sid/phe-event`,
  residentId: 'urn:oid:2.16.156.10011.1.3',
  healthRecord: 'urn:oid:2.16.156.10011.1.2',
  healthCard: 'urn:oid:2.16.156.10011.1.19',
  staff: 'urn:oid:2.16.156.10011.1.4',
  organization: 'urn:oid:2.16.156.10011.1.5',
  outpatient: 'urn:oid:2.16.156.10011.1.11',
  inpatient: 'urn:oid:2.16.156.10011.1.12',
  medicalRecord: 'urn:oid:2.16.156.10011.1.13',
  insuranceCard: `${base}/sid/insurance-card`,
} as const;

/** The system of the numbers of a kind of document of CV02.01.101. */
export function documentSystem(kind: string): string {
  return `${base}/sid/document/${kind}`;
}
