import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { guideBase } from '../../src/guide/guide.ts';
import { guideSchemas } from '../../src/guide/schemas.ts';
import { readDefinitions } from '../../src/project.ts';

/** Somebody who has ajv and the schema, and nothing of FHIR. */
const schemas = guideSchemas(readDefinitions(), guideBase);
const compiled = new Map<string, ValidateFunction>();
function check(name: string): ValidateFunction {
  if (!compiled.has(name))
    compiled.set(name, new Ajv2020({ strict: false, logger: false }).compile(schemas[name]!));
  return compiled.get(name)!;
}
const slow = 120_000;

function bundles(folder: string): [string, Resource][] {
  return readdirSync(`examples/${folder}`)
    .filter((file) => file.endsWith('.json'))
    .map((file): [string, Resource] => [file, JSON.parse(readFileSync(`examples/${folder}/${file}`, 'utf8'))])
    .filter(([, { type }]) => type === 'transaction');
}

const hypertension = () => bundles('valid')[0]![1];
const resources = (bundle: Resource, type: string) =>
  (bundle.entry as { resource: Resource }[])
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === type);

describe('the JSON Schema of a referral as it is sent', () => {
  test.each(bundles('valid'))(
    'takes %s',
    (_, bundle) => expect(check('referral-bundle')(bundle)).toBe(true),
    slow,
  );

  test.each<[string, string, (resource: Resource) => void]>([
    ['a code that there is not', 'ServiceRequest', (request) => Object.assign(request, { status: '有效' })],
    ['no priority', 'ServiceRequest', (request) => delete request.priority],
    ['no number of the sender', 'ServiceRequest', (request) => delete request.identifier],
    ['no indication', 'ServiceRequest', (request) => delete request.reasonCode],
    [
      'an indication by a code that there is not',
      'ServiceRequest',
      (request) =>
        Object.assign((request.reasonCode as { coding: Element[] }[])[0]!.coding[0]!, { code: 'up-because' }),
    ],
    [
      'a date with slashes',
      'ServiceRequest',
      (request) => Object.assign(request, { authoredOn: '2026/11/27' }),
    ],
    [
      'a time without zone',
      'ServiceRequest',
      (request) => Object.assign(request, { authoredOn: '2026-11-27T09:00:00' }),
    ],
    ['a reference as text', 'ServiceRequest', (request) => Object.assign(request, { subject: 'Patient/1' })],
    [
      'one where several are owed',
      'ServiceRequest',
      (request) => Object.assign(request, { performer: { display: '县医院' } }),
    ],
    ['nothing in a list', 'Patient', (patient) => Object.assign(patient, { name: [] })],
    ['null', 'Patient', (patient) => Object.assign(patient, { gender: null })],
    ['an empty text', 'Patient', (patient) => Object.assign(patient, { birthDate: '' })],
    ['a member that there is not', 'Patient', (patient) => Object.assign(patient, { sex: 'male' })],
    [
      'a number as text',
      'Observation',
      (observation) => Object.assign(observation, { component: undefined, valueQuantity: { value: '186' } }),
    ],
    [
      'two values of one choice',
      'Observation',
      (observation) => Object.assign(observation, { valueString: '高', valueBoolean: true }),
    ],
    ['a Task without owner', 'Task', (task) => delete task.owner],
  ])(
    'refuses %s',
    (_, type, spoil) => {
      const bundle = hypertension();
      spoil(resources(bundle, type)[0]!);
      expect(check('referral-bundle')(JSON.parse(JSON.stringify(bundle)))).toBe(false);
    },
    slow,
  );

  test.each(['batch', 'collection'])('refuses a %s', (type) => {
    expect(check('referral-bundle')({ ...hypertension(), type })).toBe(false);
  });
});

/** Of the examples that a rule refuses, those that break one which looks at a single resource, by its JSON alone. */
const seen = [
  '07-diagnosis-as-free-text.json',
  '12-rejected-without-reason.json',
  '13-accepted-without-department.json',
  '14-completed-without-feedback.json',
  '16-blood-pressure-in-wrong-unit.json',
  '21-stat-without-green-channel.json',
  '22-down-indication-on-up-referral.json',
  '24-recognised-report-without-quality-mark.json',
  '43-mass-event-without-number.json',
];

describe('of the examples that a rule refuses, the JSON Schema of a referral', () => {
  test.each(bundles('invalid').filter(([file]) => seen.includes(file)))(
    'refuses %s',
    (_, bundle) => expect(check('referral-bundle')(bundle)).toBe(false),
    slow,
  );

  test.each(bundles('invalid').filter(([file]) => !seen.includes(file)))(
    'cannot see what is wrong with %s',
    (_, bundle) => expect(check('referral-bundle')(bundle)).toBe(true),
    slow,
  );
});

describe('the JSON Schema of a profile', () => {
  test.each(Object.keys(schemas))('%s stands by itself, with a name and where it comes from', (name) => {
    const text = JSON.stringify(schemas[name]);
    const wanted = new Set([...text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, type]) => type));
    expect(Object.keys(schemas[name]!.$defs as object)).toEqual(expect.arrayContaining([...wanted]));
    expect(schemas[name]).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `${guideBase}/schema/${name}.json`,
      title: expect.any(String),
    });
  });

  test.each([
    ['patient', 'Patient'],
    ['referral', 'ServiceRequest'],
    ['referral-task', 'Task'],
  ])(
    '%s takes what the examples send',
    (name, type) => {
      for (const [, bundle] of bundles('valid'))
        for (const resource of resources(bundle, type)) expect(check(name)(resource)).toBe(true);
    },
    slow,
  );
});
