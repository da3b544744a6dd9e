import type { Element } from '../../../fhir/resource.ts';
import { numberSystems } from '../vocabulary.ts';
import type { Called, Directory } from './directory.ts';

/**
 * The directory where there is none to look into: References that the server which gets them resolves
 * (http://hl7.org/fhir/R4/http.html#trules), so that what is sent is the same referral.
 */
export const unseenDirectory: Directory = {
  organization: async (called) => ({
    reference: conditional('Organization', organizationCriteria(called), called.name),
  }),
  practitioner: async ({ number, name }, organization) => {
    const who =
      number === undefined
        ? [['practitioner.name:exact', name ?? '']]
        : [['practitioner.identifier', `${numberSystems.staff}|${number}`]];
    const where = criteriaOf(organization).map(([key, value]) => [`organization.${key}`, value]);
    return { reference: conditional('PractitionerRole', [...who, ...where] as [string, string][], name) };
  },
  department: async (name, organization) => {
    const where = criteriaOf(organization).map(([key, value]): [string, string] => [
      `organization.${key}`,
      value,
    ]);
    return { reference: conditional('HealthcareService', [['name:exact', name], ...where], name) };
  },
  employer: async () => undefined,
  specialty: async () => undefined,
};

function organizationCriteria({ number, name }: Called): [string, string][] {
  return number === undefined ? [['name:exact', name ?? '']] : [['identifier', number]];
}

/** The criteria that a conditional Reference was made from. */
function criteriaOf(reference: Element | undefined): [string, string][] {
  const [, query] = String(reference?.reference ?? '').split('?');
  return query === undefined ? [] : [...new URLSearchParams(query)];
}

function conditional(
  type: string,
  criteria: readonly [string, string][],
  display: string | undefined,
): Element {
  const query = criteria.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return { reference: `${type}?${query}`, ...(display && { display }) };
}
