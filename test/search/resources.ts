import type { Element, Resource } from '../../src/fhir/resource.ts';

/** Resources with what R4 demands of every one of their type; a test adds what its example is about. */
const required: Record<string, Element> = {
  AuditEvent: {
    type: { code: 'rest' },
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ requestor: true }],
    source: { observer: { display: 'server' } },
  },
  ChargeItem: { status: 'billable', code: { text: 'bed' }, subject: { reference: 'Patient/anyone' } },
  CodeSystem: { status: 'active', content: 'complete' },
  Condition: { subject: { reference: 'Patient/anyone' } },
  DiagnosticReport: { status: 'final', code: { text: 'report' } },
  DocumentReference: { status: 'current', content: [{ attachment: { title: 'paper' } }] },
  Encounter: {
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  },
  Group: { type: 'person', actual: true },
  List: { status: 'current', mode: 'working' },
  MedicationAdministration: {
    status: 'completed',
    medicationCodeableConcept: { text: 'drug' },
    subject: { reference: 'Patient/anyone' },
    effectiveDateTime: '2020-01-01',
  },
  MedicationRequest: { status: 'active', intent: 'order', subject: { reference: 'Patient/anyone' } },
  MolecularSequence: { coordinateSystem: 0 },
  Observation: { status: 'final', code: { text: 'finding' } },
  Organization: { name: 'Hospital' },
  PlanDefinition: { status: 'active' },
  Procedure: { status: 'completed', subject: { reference: 'Patient/anyone' } },
  Provenance: {
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ who: { display: 'someone' } }],
  },
  RiskAssessment: { status: 'final', subject: { reference: 'Patient/anyone' } },
  ValueSet: { status: 'active' },
  Library: { status: 'active', type: { text: 'library' } },
};

/** A resource of a type with an id and these members. */
export function a(resourceType: string, id: string, members: Element = {}): Resource {
  return { resourceType, id, ...required[resourceType], ...members };
}

/** A reference. */
export function to(reference: string): Element {
  return { reference };
}

/** A CodeableConcept with one coding. */
export function concept(system: string | undefined, code: string, display?: string): Element {
  return { coding: [{ ...(system !== undefined && { system }), code, ...(display && { display }) }] };
}

export const loinc = 'http://loinc.org';
export const snomed = 'http://snomed.info/sct';
export const ucum = 'http://unitsofmeasure.org';
