import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createAccounts } from './accounts.ts';
import { openSqliteState } from './state/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-accounts-'));
const state = openSqliteState(folder);
const accounts = createAccounts(state);
afterAll(async () => {
  await state.close();
  rmSync(folder, { recursive: true });
});

test('a person is known by name and password, however the name is typed', async () => {
  await accounts.set('Li.Hui', 'Practitioner/li-hui', 'correct horse battery');
  expect(await accounts.check('ＬＩ.hui ', 'correct horse battery')).toBe('Practitioner/li-hui');
  expect(await accounts.check('li.hui', 'correct horse battery ')).toBeUndefined();
  expect(await accounts.check('wu.min', 'correct horse battery')).toBeUndefined();
});

test('a password is nowhere in what is kept', async () => {
  await accounts.set('wu.min', 'Practitioner/wu-min', 'another horse battery');
  for (const file of ['identity.sqlite', 'identity.sqlite-wal'])
    expect(readFileSync(join(folder, file)).includes('another horse battery')).toBe(false);
});

test('who is revoked is out until they are given a password again', async () => {
  await accounts.set('han.bing', 'Practitioner/han-bing', 'correct horse battery');
  expect(await accounts.revoke('han.bing')).toBe(true);
  expect(await accounts.check('han.bing', 'correct horse battery')).toBeUndefined();
  expect(await accounts.mayStay('Practitioner/han-bing')).toBe(false);
  await accounts.set('han.bing', 'Practitioner/han-bing', 'a new horse battery');
  expect(await accounts.check('han.bing', 'a new horse battery')).toBe('Practitioner/han-bing');
  expect(await accounts.mayStay('Practitioner/nobody')).toBeUndefined();
  expect(await accounts.revoke('nobody')).toBe(false);
});

test('a person has one account: another name takes the place of the one before', async () => {
  await accounts.set('old.name', 'Practitioner/yang-fang', 'correct horse battery');
  await accounts.set('new.name', 'Practitioner/yang-fang', 'correct horse battery');
  expect(await accounts.check('old.name', 'correct horse battery')).toBeUndefined();
  expect((await accounts.all()).map(({ name }) => name)).not.toContain('old.name');
});
