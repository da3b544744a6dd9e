import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { play } from '../../src/examples/play.ts';
import { knownAt, readSequence } from '../../src/examples/sequence.ts';
import { onEachEngine } from '../environment/server.ts';

const folder = new URL('../../examples/', import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as Bundle;
const readme = readFileSync(new URL('README.md', folder), 'utf8');

/** What the README says of the invalid ones: file, then the rule that it trips. */
const invalid = [...readme.matchAll(/^\| `(\d\d-[a-z-]+)` \| `([a-z-]+)` \|/gm)].map(
  ([, name, rule]) => [name!, rule!] as const,
);
/** And of the valid ones that are accepted with a warning. */
const warned = [...readme.matchAll(/^\| `(\d\d-[a-z-]+)` \|.*\(warning: `([a-z-]+)`\)/gm)].map(
  ([, name, rule]) => [name!, rule!] as const,
);
/** What is there before: the Tasks that invalid ones update. */
const updated = ['valid/01-routine-up-hypertension'];
const played = 'steps/02-stat-patient-arrives';
const valid = readdirSync(new URL('valid/', folder)).sort();

interface Bundle {
  entry: { resource: { resourceType: string }; response: { status: string }; request: { url: string } }[];
}

test('the README speaks of every example', () => {
  expect(invalid.map(([name]) => `${name}.json`)).toEqual(readdirSync(new URL('invalid/', folder)).sort());
  for (const name of valid) expect(readme).toContain(`\`${name.replace('.json', '')}\``);
});

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', read('community.json')).expect(200);
    for (const name of updated) await server.post('/', read(`${name}.json`)).expect(200);
    const known = knownAt(Date.now());
    for (const request of readSequence(played).requests)
      expect((await play(request, { base: server.base, known })).answer).toEqual(request.answer);
  });

  test.each(valid)('valid/%s is accepted, and sent again it adds nothing', async (name) => {
    const { body } = await server.post('/', read(`valid/${name}`)).expect(200);
    expect(
      body.entry.every((entry: { response: { status: string } }) => /^20[01]/.test(entry.response.status)),
    ).toBe(true);
    const before = await resourcesByType();
    const { body: again } = await server.post('/', read(`valid/${name}`)).expect(200);
    expect(again.entry.map((entry: { response: { status: string } }) => entry.response.status)).toEqual(
      body.entry.map(() => '200'),
    );
    expect(await resourcesByType()).toEqual(before);
  });

  test.each(warned)('valid/%s is kept with the warning %s', async (name, rule) => {
    const { body } = await server.post('/', read(`valid/${name}.json`)).expect(200);
    const responses: { location: string }[] = body.entry.map(({ response }: Bundle['entry'][0]) => response);
    const [, referral] = responses
      .map(({ location }) => /(ServiceRequest\/[^/]+)/.exec(location))
      .find((found) => found)!;
    const { body: kept } = await server.get(`/DetectedIssue?implicated=${referral}`).expect(200);
    const warnings = kept.entry.filter(
      ({ resource }: { resource: { severity: string } }) => resource.severity === 'moderate',
    );
    expect(
      warnings.map(
        ({ resource }: { resource: { code: { coding: { code: string }[] } } }) =>
          resource.code.coding[0]!.code,
      ),
    ).toEqual([rule]);
  });

  test.each(invalid)('invalid/%s is refused by %s, and nothing of it is kept', async (name, rule) => {
    const before = await resourcesByType();
    const { status, body } = await server.post('/', read(`invalid/${name}.json`));
    expect([status, status !== 422 && body]).toEqual([422, false]);
    const errors = body.issue.filter((issue: { severity: string }) => issue.severity === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'business-rule', details: { coding: [{ code: rule }] } });
    expect(errors[0].details.text).toMatch(/[\u4e00-\u9fff].* \/ .*[A-Za-z]/);
    expect(errors[0].diagnostics).not.toBe('');
    expect(errors[0].expression[0]).toMatch(/^Bundle\.entry\[\d+\]/);
    expect(await resourcesByType()).toEqual(before);
  });

  test('a copy with another patient and another referral number works', async () => {
    const copy = JSON.stringify(read('valid/01-routine-up-hypertension.json'))
      .replaceAll(/YA[A-Z]{2}\d{12}/g, 'YAQS202699990001')
      .replaceAll('629901195803140421', '629901196203080423');
    const own = JSON.parse(
      copy
        .replace(/"birthDate":"[\d-]+"/, '"birthDate":"1962-03-08"')
        .replace(/"gender":"male"/, '"gender":"female"'),
    );
    const { body } = await server.post('/', own).expect(200);
    expect(
      new Set(body.entry.map((entry: { response: { status: string } }) => entry.response.status)),
    ).toEqual(new Set(['201']));
  });

  async function resourcesByType(): Promise<Record<string, number>> {
    const types = [
      'Patient',
      'ServiceRequest',
      'Task',
      'Condition',
      'Observation',
      'Consent',
      'Encounter',
      'MedicationRequest',
      'DetectedIssue',
    ];
    const counts = await Promise.all(types.map((type) => server.get(`/${type}?_summary=count`)));
    return Object.fromEntries(types.map((type, index) => [type, counts[index]!.body.total]));
  }
});
