import { codings, elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { type Condition, readCondition } from '../../interactions/condition.ts';
import type { Server } from '../../interactions/server.ts';
import { codeSystems } from '../vocabulary.ts';

/** 居民身份证: of the numbers of a patient the one that is nobody else's. */
const residentId = 'urn:oid:2.16.156.10011.1.3';

/** Who and where the institutions and their people are: known by any of their numbers. */
const directory: ReadonlySet<string> = new Set([
  'Organization',
  'HealthcareService',
  'Location',
  'Practitioner',
  'PractitionerRole',
]);

/**
 * The condition that finds a resource where it is on record already: by the number of the sender for a referral, by one
 * number for a patient, by any for the directory, by all its numbers for anything else, since some of them are one
 * hospital's own. Undefined for what has no number.
 */
export function numberCondition(server: Server, resource: Resource): Condition | undefined {
  const numbers = numbersOf(resource);
  if (numbers.length === 0 || !server.parameters.of(resource.resourceType).has('identifier'))
    return undefined;
  const criteria = directory.has(resource.resourceType) ? [numbers.join()] : numbers;
  return readCondition(
    server,
    resource.resourceType,
    criteria.map((number) => ['identifier', number] as const),
  );
}

/** The numbers that a resource is known by, each as a search has it: `system|value`. */
function numbersOf(resource: Resource): string[] {
  const numbered = elements(resource, 'identifier').filter(
    (each) => string(each, 'system') !== undefined && string(each, 'value') !== undefined,
  );
  switch (resource.resourceType) {
    case 'ServiceRequest':
      return numbered.filter(isPlacers).slice(0, 1).map(tokenOf);
    case 'Patient': {
      const best =
        numbered.find(({ system }) => system === residentId) ??
        numbered.find(({ use }) => use === 'official') ??
        numbered[0];
      return best ? [tokenOf(best)] : [];
    }
    default:
      return numbered.map(tokenOf);
  }
}

/** Whether an identifier is the number that the sender gave. */
function isPlacers(identifier: Element): boolean {
  return codings(identifier, 'type').some(
    ({ system, code }) => system === codeSystems.identifierType && code === 'PLAC',
  );
}

/** An identifier as the value of a search parameter (http://hl7.org/fhir/R4/search.html#escaping). */
export function tokenOf(identifier: Element): string {
  const escaped = (text: unknown) => String(text ?? '').replace(/[\\,$|]/g, '\\$&');
  const system = string(identifier, 'system');
  return system === undefined ? escaped(identifier.value) : `${escaped(system)}|${escaped(identifier.value)}`;
}
