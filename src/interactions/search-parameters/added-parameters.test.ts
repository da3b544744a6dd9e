import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../fhir/definitions/definitions.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Match, Store } from '../../store/store.ts';
import { AddedParameters } from './added-parameters.ts';

const definitions = loadDefinitions();

const parameter = (id: string, changes: object): Resource => ({
  resourceType: 'SearchParameter',
  id,
  url: `http://example.org/SearchParameter/${id}`,
  status: 'active',
  code: id,
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.gender',
  ...changes,
});

const composite = parameter('pair', {
  type: 'composite',
  expression: 'Patient',
  component: [
    { definition: 'http://example.org/SearchParameter/part', expression: 'gender' },
    { definition: 'http://hl7.org/fhir/SearchParameter/Patient-active', expression: 'active' },
  ],
});

/** A store that holds these SearchParameters, and nothing else. */
function holding(parameters: () => readonly Resource[]): Store {
  const match = (resource: Resource): Match => ({
    version: {
      type: 'SearchParameter',
      id: resource.id!,
      version: 1,
      updated: 0,
      method: 'PUT',
      text: JSON.stringify(resource),
    },
    terms: [],
    position: { values: [], id: resource.id! } as unknown as Match['position'],
  });
  return {
    search: async ({ type }: { type: string }) => (type === 'SearchParameter' ? parameters().map(match) : []),
    write: async () => undefined,
  } as unknown as Store;
}

test('a composite whose part is gone is reported once, however often the others change', async () => {
  let stored = [parameter('part', {}), composite];
  const reported: unknown[] = [];
  const added = new AddedParameters({
    store: holding(() => stored),
    definitions,
    base: 'http://localhost/fhir',
    now: () => 0,
    report: (error) => void reported.push(error),
  });
  const refresh = async () => {
    await added.refresh();
    await added.indexed();
  };
  await refresh();
  expect(reported).toEqual([]);
  expect(added.current.of('Patient').has('pair')).toBe(true);

  stored = [composite];
  await refresh();
  stored = [composite, parameter('other', {})];
  await refresh();
  expect(reported).toHaveLength(1);
  expect(added.current.of('Patient').has('pair')).toBe(false);
  expect(added.current.of('Patient').has('other')).toBe(true);
  await added.stop();
});
