/**
 * What everybody who has come in may read: who and where the institutions and their people are, what they offer, and all
 * definitions. It holds no patient's data.
 */
const everybodys: ReadonlySet<string> = new Set([
  'Organization',
  'OrganizationAffiliation',
  'HealthcareService',
  'Location',
  'Endpoint',
  'Practitioner',
  'PractitionerRole',
  'Schedule',
  'Slot',
  'InsurancePlan',
  'Medication',
  'Substance',
]);

/** Definitions: rules, profiles, code lists, forms, measures. */
const definitions: ReadonlySet<string> = new Set([
  'ActivityDefinition',
  'CapabilityStatement',
  'ChargeItemDefinition',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'DeviceDefinition',
  'EffectEvidenceSynthesis',
  'EventDefinition',
  'Evidence',
  'EvidenceVariable',
  'ExampleScenario',
  'GraphDefinition',
  'ImplementationGuide',
  'Library',
  'Measure',
  'MessageDefinition',
  'NamingSystem',
  'ObservationDefinition',
  'OperationDefinition',
  'PlanDefinition',
  'Questionnaire',
  'ResearchDefinition',
  'ResearchElementDefinition',
  'RiskEvidenceSynthesis',
  'SearchParameter',
  'SpecimenDefinition',
  'StructureDefinition',
  'StructureMap',
  'TerminologyCapabilities',
  'TestReport',
  'TestScript',
  'ValueSet',
]);

/** The clients of the server and the people who sign in: what lets one in is nobody's to read but an administrator's. */
const doors: ReadonlySet<string> = new Set(['Device', 'Person']);

/** What an insurer pays by; beside it an insurer reads nothing of a patient. */
const insurers: ReadonlySet<string> = new Set([
  'Coverage',
  'CoverageEligibilityRequest',
  'CoverageEligibilityResponse',
]);

/** What a referral is known by to a regional platform, which states a purpose: who, why, from where to where, what came of it. */
const identifiedHistory: ReadonlySet<string> = new Set([
  'Patient',
  'ServiceRequest',
  'Task',
  'Condition',
  'Encounter',
  'Appointment',
]);

export type Kind = 'directory' | 'definition' | 'door' | 'record';

/** What kind of resource a type is, for who may read and write it. */
export function kindOf(type: string): Kind {
  if (everybodys.has(type)) return 'directory';
  if (definitions.has(type)) return 'definition';
  return doors.has(type) ? 'door' : 'record';
}

/** Whether each resource of a type has readers of its own. */
export function hasReaders(type: string): boolean {
  return kindOf(type) === 'record';
}

/** What is changed by those who take part in it, not by its author alone; what each may change, other guards say. */
const shared: ReadonlySet<string> = new Set(['Task', 'Appointment', 'AppointmentResponse']);

export function isShared(type: string): boolean {
  return shared.has(type);
}

export function isInsurers(type: string): boolean {
  return insurers.has(type);
}

export function isIdentifiedHistory(type: string): boolean {
  return identifiedHistory.has(type);
}

/** The search parameters of a type whose organizations a resource is addressed to, or that act in it: they may read it. */
export const parties: Readonly<Record<string, readonly string[]>> = {
  Appointment: ['actor'],
  AppointmentResponse: ['actor'],
  CarePlan: ['performer'],
  Communication: ['recipient', 'sender'],
  CommunicationRequest: ['recipient', 'sender'],
  Coverage: ['payor'],
  DocumentReference: ['custodian'],
  Encounter: ['service-provider'],
  EpisodeOfCare: ['organization'],
  MeasureReport: ['reporter'],
  Patient: ['organization'],
  Task: ['owner', 'requester'],
};

/**
 * Which organization has made a resource that was stored before the server kept that, by search parameters: the first
 * that leads to one. What names none is read by those to whom it was sent, and written anew by nobody but the server.
 */
export const makers: Readonly<Record<string, readonly string[]>> = {
  Communication: ['sender'],
  Encounter: ['service-provider'],
  EpisodeOfCare: ['organization'],
  MeasureReport: ['reporter'],
  MedicationRequest: ['requester'],
  Observation: ['performer'],
  Patient: ['organization'],
  Procedure: ['performer'],
  ServiceRequest: ['requester'],
  Task: ['requester'],
};

/**
 * What is read by whoever may read what it is about, by the search parameter that leads there. Where that is passed on
 * later, what is about it goes along, as far as it is named for its type.
 */
export const follows: Readonly<Record<string, { by: string; along: string }>> = {
  Consent: { by: 'patient', along: 'Patient' },
  DetectedIssue: { by: 'implicated', along: 'ServiceRequest' },
  Provenance: { by: 'target', along: 'ServiceRequest' },
};
