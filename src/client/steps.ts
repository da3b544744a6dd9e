import type {
  CodeableConcept,
  Identifier,
  Period,
  Reference,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';

/** What each step of a referral can be told (src/referral/workflow/README.md); the server says which of it is missing. */
export interface Steps {
  acknowledge: Record<never, never>;
  'request-info': { reason?: CodeableConcept; recordsRequest?: string };
  'supply-info': { information?: Reference[] };
  /** What is left out the server proposes: the department, its liaison, and until when the patient is expected. */
  accept: {
    department?: Reference[];
    liaison?: Reference[];
    arrivalPeriod?: Period;
    appointment?: Reference[];
    businessStatus?: string;
  };
  reject: { reason?: CodeableConcept; businessStatus?: string };
  redirect: { receiver: Reference; reason: CodeableConcept };
  depart: { departure?: string; escort?: string };
  arrive: { encounter?: Reference[] };
  complete: {
    feedback?: Reference[];
    followUp?: Reference[];
    advice?: Reference[];
    businessStatus?: string;
  };
  return: { referral: ServiceRequest; feedback: Reference[]; resource?: Resource[] };
  refer: {
    receiver?: Reference;
    number?: Identifier;
    priority?: string;
    indication?: CodeableConcept[];
    service?: string;
  };
  hold: { reason?: CodeableConcept };
  resume: { businessStatus?: string };
  cancel: { reason?: CodeableConcept; businessStatus?: string };
  fail: { reason?: CodeableConcept; businessStatus?: string };
}

/** The parameters of all steps by their names in FHIR, each with its type. A test holds them to the OperationDefinitions. */
export const parameterTypes: Readonly<Record<string, string>> = {
  department: 'Reference',
  liaison: 'Reference',
  'arrival-period': 'Period',
  appointment: 'Reference',
  'business-status': 'code',
  encounter: 'Reference',
  reason: 'CodeableConcept',
  feedback: 'Reference',
  'follow-up': 'Reference',
  advice: 'Reference',
  departure: 'dateTime',
  escort: 'string',
  receiver: 'Reference',
  number: 'Identifier',
  priority: 'code',
  indication: 'CodeableConcept',
  service: 'code',
  'records-request': 'string',
  referral: 'ServiceRequest',
  resource: 'Resource',
  information: 'Reference',
};
