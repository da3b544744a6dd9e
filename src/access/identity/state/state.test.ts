import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mongodbUri, newDatabaseUri } from '../../../../test/environment/mongodb.ts';
import { engines } from '../../../../test/environment/server.ts';
import { openMongoState } from './mongodb.ts';
import { openSqliteState } from './sqlite.ts';
import type { State } from './state.ts';

describe.each(engines)('what the issuer remembers, on the %s engine', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-state-'));
  // Far ahead, so that MongoDB's own sweep takes nothing away.
  let time = Date.parse('2083-06-01T00:00:00Z');
  let state: State;
  /** Another process of the same server. */
  let other: State;
  beforeAll(() => {
    const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
    const open = () =>
      uri ? openMongoState(uri, 5_000, { now: () => time }) : openSqliteState(folder, { now: () => time });
    state = open();
    other = open();
  });
  afterAll(async () => {
    await state.close();
    await other.close();
    rmSync(folder, { recursive: true });
  });

  test('is found by its id and its alias, in every process, until it is removed', async () => {
    await state.put('Account', { id: 'li.hui', alias: 'Practitioner/li-hui', value: { name: 'li.hui' } });
    expect((await other.find('Account', 'li.hui'))?.value).toEqual({ name: 'li.hui' });
    expect((await other.findByAlias('Account', 'Practitioner/li-hui'))?.id).toBe('li.hui');
    expect(await other.find('Session', 'li.hui')).toBeUndefined();
    await other.remove('Account', 'li.hui');
    expect(await state.all('Account')).toEqual([]);
  });

  test('is gone when its time is over', async () => {
    await state.put('Session', { id: 's', value: {}, expires: time + 3_600_000 });
    expect(await state.find('Session', 's')).toBeDefined();
    time += 3_600_001;
    expect(await state.find('Session', 's')).toBeUndefined();
  });

  test('is claimed once, and consumed once, however many try at the same moment', async () => {
    const claim = { id: 'jti', value: {}, expires: time + 86_400_000 };
    const claimed = await Promise.all([state, other, state, other].map((each) => each.claim('Used', claim)));
    expect(claimed.filter(Boolean)).toHaveLength(1);
    const consumed = await Promise.all([state, other, state].map((each) => each.consume('Used', 'jti')));
    expect(consumed.filter(Boolean)).toHaveLength(1);
    expect((await other.find('Used', 'jti'))?.value).toEqual({ consumed: expect.any(Number) });
    expect(await state.consume('Used', 'never')).toBe(false);
  });

  test('goes with what it belongs to', async () => {
    await state.put('RefreshToken', { id: 'a', group: 'grant', value: {} });
    await state.put('AuthorizationCode', { id: 'b', group: 'grant', value: {} });
    await other.removeGroup('grant');
    expect(await state.find('RefreshToken', 'a')).toBeUndefined();
    expect(await state.find('AuthorizationCode', 'b')).toBeUndefined();
  });

  if (engine === 'embedded')
    test('is in a file that only its owner can read', () => {
      expect(statSync(join(folder, 'identity.sqlite')).mode & 0o777).toBe(0o600);
    });
});
