import { describe, expect, test } from '@jest/globals';
import { searchable, searchServer } from '../../../test/environment/search.ts';
import type { Resource } from '../resource.ts';
import { compartmentFilter, compartmentTypes } from './compartments.ts';
import { matches } from './matcher.ts';

/** http://hl7.org/fhir/R4/compartmentdefinition.html */
const isIn = (compartment: string, id: string, resource: Resource) =>
  matches(compartmentFilter(searchServer, compartment, id, resource.resourceType), searchable(resource));

describe('the five compartments', () => {
  test.each([
    ['Patient', { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/23' } }],
    ['Patient', { resourceType: 'Observation', id: 'o', performer: [{ reference: 'Patient/23' }] }],
    ['Patient', { resourceType: 'Patient', id: '23' }],
    ['Encounter', { resourceType: 'Condition', id: 'c', encounter: { reference: 'Encounter/23' } }],
    [
      'Practitioner',
      { resourceType: 'Appointment', id: 'a', participant: [{ actor: { reference: 'Practitioner/23' } }] },
    ],
    ['RelatedPerson', { resourceType: 'Communication', id: 'c', sender: { reference: 'RelatedPerson/23' } }],
    ['Device', { resourceType: 'Observation', id: 'o', device: { reference: 'Device/23' } }],
  ])('%s/23: %j is in it, and not in that of 24', (compartment, resource) => {
    expect(isIn(compartment, '23', resource)).toBe(true);
    expect(isIn(compartment, '24', resource)).toBe(false);
  });
});

test('a type that is never part of a compartment is found in none', () => {
  expect(compartmentFilter(searchServer, 'Patient', '23', 'Location')).toEqual({ kind: 'none' });
  expect(compartmentTypes(searchServer, 'Patient')).not.toContain('Location');
  expect(compartmentTypes(searchServer, 'Patient')).toEqual(
    expect.arrayContaining(['Patient', 'ServiceRequest']),
  );
});

test('a type without a compartment is refused', () => {
  expect(() => compartmentTypes(searchServer, 'Organization')).toThrow(
    'Organization compartment was not found',
  );
});

test('all types of a compartment can be searched by the parameters that it names', () => {
  for (const compartment of ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'])
    for (const type of compartmentTypes(searchServer, compartment)) {
      const names = JSON.stringify(compartmentFilter(searchServer, compartment, '1', type)).matchAll(
        /"term":"([\w-]+)\|/g,
      );
      for (const [, name] of names) expect(searchServer.parameters.of(type).has(name!)).toBe(true);
    }
});
