import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../definitions/definitions.ts';
import type { ElementDefinition, StructureDefinition } from './element-definition.ts';
import { type Generated, generateSnapshot } from './generate-snapshot.ts';

const definitions = loadDefinitions();
const find = (url: string) => definitions.find<StructureDefinition>('StructureDefinition', url);

/** A profile on a type with this differential. */
const profile = (type: string, element: object[], more: object = {}) =>
  ({
    resourceType: 'StructureDefinition',
    url: 'http://example.org/StructureDefinition/profile',
    type,
    kind: 'resource',
    derivation: 'constraint',
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    differential: { element },
    ...more,
  }) as unknown as StructureDefinition;

function elements(generated: Generated): Map<string, ElementDefinition> {
  if (!('element' in generated)) throw new Error(JSON.stringify(generated));
  return new Map(generated.element.map((element) => [element.id, element]));
}

const official = definitions
  .all<StructureDefinition>('StructureDefinition')
  .filter(
    ({ derivation, differential, kind }) =>
      derivation === 'constraint' && differential && kind === 'resource',
  )
  .filter(({ url }) => !url.endsWith('/picoelement')) // has elements that its base does not have
  .filter(({ type, baseDefinition }) => type !== 'Extension' && find(baseDefinition ?? '')?.snapshot);

/** Whose published snapshots do not follow from their differentials, and what differs. */
const otherwise: Record<string, string> = {
  bp: 'Observation.component', // names a type without slicing by it, as it does everywhere else
  'provenance-relevant-history': 'Provenance.agent:Author.type', // has the binding of the base again
};

describe('the snapshots of the specification’s own profiles', () => {
  test.each(official.map((definition) => [definition.url.split('/').at(-1)!, definition] as const))(
    '%s has the elements, cardinalities, types and bindings that HL7 has published',
    (_, definition) => {
      const made = elements(generateSnapshot(definition, find));
      const differing = definition.snapshot!.element.filter((published) => {
        const own = made.get(published.id);
        const said = ({ min, max, type, binding }: ElementDefinition) =>
          JSON.stringify([min, max, type?.map(({ code }) => code), binding?.strength, binding?.valueSet]);
        return !own || said(own) !== said(published);
      });
      const known = otherwise[definition.url.split('/').at(-1)!];
      expect(differing.map(({ id }) => id).filter((id) => !known || !id.startsWith(known))).toEqual([]);
    },
  );
});

describe('a differential is applied', () => {
  test('inside of a type, as deep as it goes', () => {
    const made = elements(
      generateSnapshot(
        profile('Patient', [{ id: 'Patient.name.family', path: 'Patient.name.family', min: 1 }]),
        find,
      ),
    );
    expect(made.get('Patient.name.family')).toMatchObject({ min: 1, max: '1', path: 'Patient.name.family' });
    expect(made.get('Patient.name.given')).toMatchObject({ min: 0, max: '*' });
    expect(made.has('Patient.contact.name.family')).toBe(false);
  });

  test('to the elements that another repeats', () => {
    const path = 'Questionnaire.item.item.text';
    const made = elements(generateSnapshot(profile('Questionnaire', [{ id: path, path, min: 1 }]), find));
    expect(made.get(path)?.min).toBe(1);
    expect(made.get('Questionnaire.item.text')?.min).toBe(0);
  });

  test('to one type of a choice, by the name that it has in JSON', () => {
    const made = elements(
      generateSnapshot(
        profile('Observation', [
          { id: 'Observation.valueQuantity', path: 'Observation.valueQuantity', min: 1 },
        ]),
        find,
      ),
    );
    expect(made.get('Observation.value[x]')?.slicing).toEqual({
      ...{ discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'closed' },
    });
    expect(made.get('Observation.value[x]:valueQuantity')).toMatchObject({
      ...{ min: 1, sliceName: 'valueQuantity', type: [{ code: 'Quantity' }] },
    });
  });

  test('to several types of a choice, and leaves it no others', () => {
    const paths = ['Observation.valueQuantity', 'Observation.valueString'];
    const made = elements(
      generateSnapshot(
        profile(
          'Observation',
          paths.map((path) => ({ id: path, path })),
        ),
        find,
      ),
    );
    const types = (id: string) => made.get(id)?.type?.map(({ code }) => code);
    expect(types('Observation.value[x]')).toEqual(['Quantity', 'string']);
    expect(types('Observation.value[x]:valueString')).toEqual(['string']);
  });

  test('to slices by their order where elements have no ids', () => {
    const made = elements(
      generateSnapshot(
        profile('Patient', [
          {
            path: 'Patient.telecom',
            slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'open' },
          },
          { path: 'Patient.telecom', sliceName: 'home', max: '1' },
          { path: 'Patient.telecom.use', fixedCode: 'home' },
          { path: 'Patient.gender', min: 1 },
        ]),
        find,
      ),
    );
    expect(made.get('Patient.telecom:home')).toMatchObject({ min: 0, max: '1' });
    expect(made.get('Patient.telecom:home.use')?.fixedCode).toBe('home');
    expect(made.get('Patient.gender')?.min).toBe(1);
  });

  test('with its invariants beside those of the base', () => {
    const constraint = [{ key: 'x-1', severity: 'error', human: 'x', expression: 'true' }];
    const made = elements(
      generateSnapshot(
        profile('Patient', [{ id: 'Patient.contact', path: 'Patient.contact', constraint }]),
        find,
      ),
    );
    expect(made.get('Patient.contact')?.constraint?.map(({ key }) => key)).toEqual(['ele-1', 'pat-1', 'x-1']);
  });
});

test('an element that the base does not have is told', () => {
  const path = 'Patient.nonsense';
  expect(generateSnapshot(profile('Patient', [{ id: path, path, min: 1 }]), find)).toEqual({
    misplaced: [{ path, index: 0 }],
  });
});

test('so is a base that is not known', () => {
  const baseDefinition = 'http://example.org/StructureDefinition/none';
  expect(generateSnapshot(profile('Patient', [], { baseDefinition }), find)).toEqual({
    unknownBase: baseDefinition,
  });
});
