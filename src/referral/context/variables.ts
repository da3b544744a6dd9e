/** What rules can say of a referral, each with the names that their expressions know it by. */
export const variables = [
  /** The referral (ServiceRequest). */
  'sr',
  /** The Task that coordinates it. */
  'task',
  /** The patient. */
  'pt',
  /** The organization that sends the patient. */
  'from',
  /** The organization that is to receive the patient. */
  'to',
  /** The lead hospitals of the sender's community. */
  'lead',
  /** The diagnoses that the referral states (ServiceRequest.reasonReference). */
  'dx',
  /** The patient's active conditions of this episode, the diagnoses among them. */
  'conds',
  /** The observations of this episode, oldest first. */
  'obs',
  /** The patient's current medicines. */
  'meds',
  /** The patient's consents. */
  'consents',
  /** The role (PractitionerRole) that signs the referral: its requester. */
  'signer',
  /** The agreements on referrals (OrganizationAffiliation, Contract) in force between the sender and the receiver. */
  'agreements',
  /** What the receiver stocks: its List of medicines, and the Medications in it. */
  'formulary',
  /** The services (诊疗科目) of the sender. */
  'svcFrom',
  /** The services of the receiver. */
  'svcTo',
  /** The encounter: of a referral the one it arose from, of a Task the one at the receiver. */
  'enc',
  /** The patient's tasks of the last 30 days. */
  'tasks',
  /** The ICD-10 categories that the sender's tier treats itself. */
  'tierList',
  /** The present instant, as a FHIR dateTime. */
  'asOf',
] as const;

export type Variable = (typeof variables)[number];

const known: ReadonlySet<string> = new Set(variables);

/** The variables of the context that a FHIRPath expression reads. */
export function variablesIn(expression: string): Set<Variable> {
  const names = [...expression.matchAll(/%([A-Za-z]\w*)/g)].map((match) => match[1]!);
  return new Set(names.filter((name): name is Variable => known.has(name)));
}

/** The variables in which resources of a type are found. */
export const variablesOfType: Readonly<Record<string, readonly Variable[]>> = {
  ServiceRequest: ['sr'],
  Task: ['task', 'tasks'],
  Patient: ['pt'],
  Organization: ['from', 'to'],
  Condition: ['dx', 'conds'],
  Observation: ['obs'],
  MedicationRequest: ['meds'],
  MedicationStatement: ['meds'],
  Consent: ['consents'],
  HealthcareService: ['svcFrom', 'svcTo'],
  Encounter: ['enc'],
  PractitionerRole: ['signer'],
  OrganizationAffiliation: ['agreements'],
  Contract: ['agreements'],
  List: ['formulary'],
  Medication: ['formulary'],
};
