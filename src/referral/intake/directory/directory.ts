import type { Text } from '../../../fhir/outcome.ts';
import type { Element } from '../../../fhir/resource.ts';

/** What somebody or something is called in a row. */
export interface Called {
  number?: string | undefined;
  name?: string | undefined;
}

/** A Reference, or why there is none. */
export type Found = { reference: Element } | { problem: Text };

/** Finds who takes part in a referral by what they are called. */
export interface Directory {
  /** An organization by its code (any identifier, or its id) or its whole name. */
  organization(called: Called): Promise<Found>;
  /** The PractitionerRole of a doctor by number or name, of an organization where it is known, in office at a time. */
  practitioner(called: Called, organization: Element | undefined, at: string): Promise<Found>;
  /** A department by name, at an organization: its HealthcareService. */
  department(name: string, organization: Element): Promise<Found>;
  /** The organization of a PractitionerRole. */
  employer(role: Element): Promise<Element | undefined>;
  /** The specialty of a department: its most special one, as a CodeableConcept. */
  specialty(department: Element): Promise<Element | undefined>;
}
