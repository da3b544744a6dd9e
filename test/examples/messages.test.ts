import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { isError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';
import { messageEvents } from '../../src/referral/messages/events.ts';
import { example } from '../api/referrals.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';

const folder = new URL('../../examples/messages/', import.meta.url);
const oracle = process.env.ORACLE_URL;
const validator = createValidator(loadDefinitions(['profiles', 'terminology']));
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const names = readdirSync(folder);

test.each(names)(
  'messages/%s is valid by FHIR and by the profiles, also in the eyes of HL7’s validator',
  async (name) => {
    const message = JSON.parse(textOf(name)) as Resource;
    expect(validator.validate(message).filter(isError)).toEqual([]);
    if (!oracle) return;
    const response = await fetch(oracle, { method: 'POST', body: JSON.stringify(message) });
    const { issues } = (await response.json()) as { issues: { severity: string; message: string }[] };
    expect(
      issues.filter(
        // The validator that the tests start is not given this project's extensions.
        ({ severity, message: text }) =>
          severity === 'error' && !/extension https:\/\/w3id\.org\/zhuanzhen\/|nknown extension/.test(text),
      ),
    ).toEqual([]);
  },
);

test('there is one for each event', () => {
  const events = names.map((name) => {
    const [header] = JSON.parse(textOf(name)).entry;
    return header.resource.eventCoding.code;
  });
  expect(new Set(events)).toEqual(new Set(messageEvents.map(({ code }) => code)));
});

test('the README lists each', () => {
  const readme = readFileSync(new URL('../README.md', folder), 'utf8');
  for (const name of names) expect(readme).toContain(`| \`${name.replace('.json', '')}\` |`);
});

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('the answers of the examples are those of the server', async () => {
    const played = [
      ['referral-request', 'qingshi-health-centre'],
      ['referral-response-received', 'yongan-county-hospital'],
      ['referral-response', 'yongan-county-hospital'],
      ['patient-arrival', 'yongan-county-hospital'],
      ['referral-feedback', 'yongan-county-hospital'],
      ['referral-cancel', 'qingshi-health-centre'],
    ] as const;
    for (const [name, organization] of played) {
      const { text } = await server
        .post('/$process-message', JSON.parse(textOf(`${name}.json`)))
        .set('X-Acting-Organization', `Organization/${organization}`);
      const file = `${name}.answer.json`;
      if (names.includes(file)) expect(comparable(text, server)).toEqual(comparable(textOf(file), server));
    }
  });
});

/** An answer without the ids and times that differ from one server to the next, and without who receives at this hour. */
function comparable(text: string, { base }: TestServer): unknown {
  return JSON.parse(
    text
      .replaceAll(base, 'https://referral.example.org/fhir')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{40,64}/g, 'id')
      .replaceAll(/"2\d{3}-\d\d-\d\dT[^"]*"/g, '"time"'),
    (_, value) => (isReception(value) ? 'reception' : value),
  );
}

function isReception(value: unknown): boolean {
  const { url } = (value ?? {}) as { url?: unknown };
  return typeof url === 'string' && url.endsWith('/StructureDefinition/reception');
}
