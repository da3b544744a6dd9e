import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../definitions/definitions.ts';
import { isError } from '../../outcome.ts';
import type { Resource } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const validator = createValidator(loadDefinitions());
const url = 'http://example.org/StructureDefinition/p';

/** A profile of Patient with these elements in its differential. */
const profile = (element: object[], more: object = {}): Resource => ({
  ...{ resourceType: 'StructureDefinition', url, name: 'P', status: 'active', fhirVersion: '4.0.1' },
  ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: { element: [{ id: 'Patient', path: 'Patient' }, ...element] },
  ...more,
});
const element = (path: string, more: object) => ({ id: path, path, ...more });

const extension = (fixedUri: string, expression: string) => ({
  ...profile([], { type: 'Extension', kind: 'complex-type' }),
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
  context: [{ type: 'element', expression }],
  differential: {
    element: [
      { id: 'Extension', path: 'Extension' },
      { id: 'Extension.url', path: 'Extension.url', fixedUri },
    ],
  },
});

const said = (definition: Resource) =>
  validator
    .validate(definition)
    .filter(isError)
    .map(({ expression, text }) => `${expression?.[0]?.replace('StructureDefinition', 'SD')}: ${text.en}`);

// HL7's validator (6.7.9) refuses each of these.
test.each<[string, Resource, string]>([
  [
    'an element that the base does not have',
    profile([element('Patient.nonsense', { min: 1 })]),
    'SD.differential.element[1]: There is no element Patient.nonsense',
  ],
  [
    'one that the type of an element does not have',
    profile([element('Patient.name.nonsense', { min: 1 })]),
    'SD.differential.element[1]: There is no element Patient.name.nonsense',
  ],
  [
    'a base of another type',
    profile([], { baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation' }),
    'SD: The profile is of type Patient, but its base of type Observation',
  ],
  [
    'more than the base allows',
    profile([element('Patient.gender', { max: '2' })]),
    'SD.differential.element[1]: The max of Patient.gender is above that of the base',
  ],
  [
    'less than the base demands',
    profile([element('Patient.link.other', { min: 0 })]),
    'SD.differential.element[1]: The min of Patient.link.other is below that of the base',
  ],
  [
    'a type that the base does not have',
    profile([element('Patient.birthDate', { type: [{ code: 'string' }] })]),
    'SD.differential.element[1]: A type of Patient.birthDate is none of those of the base',
  ],
  [
    'a fixed value of another type',
    profile([element('Patient.birthDate', { fixedString: 'x' })]),
    'SD.differential.element[1]: The fixed or pattern value of Patient.birthDate is of another type',
  ],
  [
    'a slice of what is not sliced',
    profile([{ id: 'Patient.name:a', path: 'Patient.name', sliceName: 'a', min: 1 }]),
    'SD.differential.element[1]: There is a slice of Patient.name, but no slicing',
  ],
  [
    'an extension that has another URL than its own',
    extension('http://example.org/other', 'Patient'),
    'SD.differential.element[1]: The Extension.url is http://example.org/other',
  ],
  [
    'an extension of what there is not',
    extension(url, 'Nonsense'),
    'SD.context[0]: There is no element Nonsense',
  ],
])('%s', (_, definition, expected) => {
  expect(said(definition)).toEqual([expect.stringContaining(expected)]);
});

test.each<[string, Resource]>([
  ['a constraint', profile([element('Patient.birthDate', { min: 1 })])],
  ['a derived type', profile([element('Patient.contained', { type: [{ code: 'Practitioner' }] })])],
  ['an extension', extension(url, 'Patient.contact')],
  [
    'a base that is not known',
    profile([element('Patient.nonsense', {})], { baseDefinition: 'http://example.org/none' }),
  ],
])('nothing is said of %s', (_, definition) => {
  expect(said(definition)).toEqual([]);
});
