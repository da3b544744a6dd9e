import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { sealIn } from '../../src/referral/registers/weekly/document.ts';
import { errorsOf } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';

const folder = new URL('../../examples/registers/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Resource;
const names = readdirSync(folder).sort();

test('the README speaks of every example', () => {
  const readme = readFileSync(new URL('../README.md', folder), 'utf8');
  for (const name of names) expect(readme).toContain(`\`${name.replace('.json', '')}\``);
});

test('the weekly ledger fits its seal', () => {
  expect(sealIn(read('01-weekly-ledger.json'))).toMatchObject({ isIntact: true });
});

onEachEngine((server) => {
  test.each(names)('registers/%s is valid', async (name) => {
    const resource = read(name);
    const { body } = await server.post(`/${resource.resourceType}/$validate`, resource).expect(200);
    expect(errorsOf(body)).toEqual([]);
  });
});
