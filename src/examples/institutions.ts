import { readFileSync } from 'node:fs';
import { elements, string } from '../fhir/elements.ts';
import type { Text } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import { examples } from './sequence.ts';

const { entry } = JSON.parse(readFileSync(`${examples}community.json`, 'utf8')) as {
  entry: { resource: Resource }[];
};

const names = new Map(
  entry
    .filter(({ resource }) => resource.resourceType === 'Organization')
    .map(({ resource }): [string, Text] => {
      // Their names are Chinese; their ids are what they would be called in English.
      const en = resource.id!.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
      return [`Organization/${resource.id}`, { zh: string(resource, 'name')!, en }];
    }),
);

/** What an institution of the example community is called; one that is not of it as the reference has it. */
export function institutionName(reference: string): Text {
  return names.get(reference) ?? { zh: reference, en: reference };
}

const statuses = JSON.parse(
  readFileSync(
    new URL('../../terminology/CodeSystem-referral-business-status.json', import.meta.url),
    'utf8',
  ),
) as Resource;

const stateNames = new Map(
  elements(statuses, 'concept').map((concept) => [string(concept, 'code')!, string(concept, 'display')!]),
);

/** What a state of a Task is called in Chinese, e.g. 已到诊 of `in-progress:arrived`. */
export function stateName(state: string): string {
  return stateNames.get(state.split(':')[1] ?? '') ?? state;
}
