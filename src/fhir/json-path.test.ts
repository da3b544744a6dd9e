import { expect, test } from '@jest/globals';
import { loadDefinitions } from './definitions/definitions.ts';
import { withJsonPath } from './json-path.ts';
import type { Resource } from './resource.ts';

const definitions = loadDefinitions();

const observation: Resource = {
  resourceType: 'Observation',
  valueQuantity: { value: '76' },
  component: [{}, { valueDateTime: '2026-13', _valueDateTime: { extension: [{}] } }],
};

test.each<[string, Resource, string, string | undefined]>([
  ['a choice of types', observation, 'Observation.value.value', 'valueQuantity.value'],
  ['a choice in a list', observation, 'Observation.component[1].value', 'component[1].valueDateTime'],
  [
    'what is beside a primitive',
    observation,
    'Observation.component[1].value.extension[0]',
    'component[1]._valueDateTime.extension[0]',
  ],
  ['a name that is the same', observation, 'Observation.component[0]', undefined],
  ['what is not there', observation, 'Observation.status', undefined],
  [
    'a name that only begins like another',
    { resourceType: 'ServiceRequest', orderDetail: [] },
    'ServiceRequest.order',
    undefined,
  ],
  [
    'a resource in a bundle',
    { resourceType: 'Bundle', entry: [{ resource: observation }] },
    'Bundle.entry[0].resource.value',
    'entry[0].resource.valueQuantity',
  ],
])('%s', (_, resource, place, json) => {
  const issue = { severity: 'error', code: 'value', text: { zh: '', en: '' }, expression: [place] } as const;
  expect(withJsonPath(definitions, resource, { ...issue, expression: [place] }).json).toBe(json);
});
