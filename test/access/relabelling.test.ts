import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { example, newReferral } from '../api/referrals.ts';
import { testLog } from '../environment/logs.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { engines, onEachEngine, signingKeys, type TestServer } from '../environment/server.ts';
import { asking, askingOn, at, consentOf, recipient, system } from './asking.ts';

const officeOf = (id: string): Actor => ({ organization: `Organization/${id}`, roles: ['alliance-office'] });
const township = at('qingshi-health-centre');
const hospital = at('yongan-county-hospital');

onEachEngine(
  (server) => {
    const ask = askingOn(server);
    const sees = async (who: Actor, path: string) => (await ask(who, 'GET', `/${path}`)).status === 200;
    const newcomer = at('elsewhere');
    const office = officeOf('yongan-alliance');
    const affiliation = (more: object = {}): Resource => ({
      resourceType: 'OrganizationAffiliation',
      id: 'newcomer',
      active: true,
      organization: { reference: 'Organization/yongan-alliance' },
      participatingOrganization: { reference: 'Organization/elsewhere' },
      ...more,
    });

    beforeAll(async () => {
      await ask(system, 'POST', '/', example('community'));
    });

    describe('what an institution has written before', () => {
      let kept: string;
      let gone: string;
      beforeAll(async () => {
        const observation = { resourceType: 'Observation', status: 'final', code: { text: '体重' } };
        const made = async () => (await ask(newcomer, 'POST', '/Observation', observation)).shown[0]!;
        [kept, gone] = [await made(), await made()];
        expect((await ask(newcomer, 'DELETE', `/${gone}`)).status).toBe(204);
      });
      const isSeen = async () => {
        const found = await ask(office, 'GET', `/Observation?_id=${kept.split('/')[1]}`);
        const past = await ask(office, 'GET', `/${gone}/_history`);
        return [await sees(office, kept), found.shown.length === 1, past.status === 200];
      };

      test('is its alliance office’s to see once it has joined, and no more when it has left', async () => {
        expect(await isSeen()).toEqual([false, false, false]);
        await ask(system, 'PUT', '/OrganizationAffiliation/newcomer', affiliation());
        await server.running.relabelling.round();
        expect(await isSeen()).toEqual([true, true, true]);

        await ask(
          system,
          'PUT',
          '/OrganizationAffiliation/newcomer',
          affiliation({ period: { end: '2020-01-01' } }),
        );
        await server.running.relabelling.round();
        expect(await isSeen()).toEqual([false, false, false]);
      });

      test('is so also when the affiliation is deleted', async () => {
        await ask(system, 'PUT', '/OrganizationAffiliation/newcomer', affiliation());
        await server.running.relabelling.round();
        expect(await isSeen()).toEqual([true, true, true]);
        expect((await ask(system, 'DELETE', '/OrganizationAffiliation/newcomer')).status).toBe(204);
        await server.running.relabelling.round();
        expect(await isSeen()).toEqual([false, false, false]);
        expect(await sees(newcomer, kept)).toBe(true);
      });
    });
  },
  { AUTH: 'on' },
);

describe.each(engines)('data from before access control, on the %s engine', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-old-'));
  const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
  let running: Running;
  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  const begin = async (auth: 'on' | 'off') => {
    running = await start(
      readSettings({
        AUTH: auth,
        SIGNING_KEYS: signingKeys,
        PORT: '0',
        DATA_DIR: folder,
        ...(uri && { MONGODB_URI: uri }),
      }),
      testLog(),
    );
    await untilReady(running.server.store);
  };

  /** Makes of the data what they were when nothing was kept of who may read them. */
  async function forgetAccess(): Promise<void> {
    if (uri) {
      const client = await new MongoClient(uri).connect();
      for (const collection of await client.db().collections())
        await collection.updateMany({ a: { $exists: true } }, [
          {
            $set: {
              s: {
                $filter: { input: '$s', cond: { $ne: [{ $substrCP: ['$$this', 0, 8] }, '_reader|'] } },
              },
            },
          },
          { $unset: 'a' },
        ]);
      await client.close();
      return;
    }
    const database = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'));
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%.terms'")
      .all() as { name: string }[];
    for (const { name } of tables) {
      const type = name.slice(0, -'.terms'.length);
      database.exec(`
        DELETE FROM "${type}.terms" WHERE term LIKE '\\_reader|%' ESCAPE '\\';
        UPDATE "${type}" SET terms = (SELECT json_group_array(value) FROM json_each(terms) WHERE value NOT LIKE '\\_reader|%' ESCAPE '\\');
        ALTER TABLE "${type}" DROP COLUMN access;
        ALTER TABLE "${type}" DROP COLUMN audience;
        ALTER TABLE "${type}.terms" DROP COLUMN audience;`);
    }
    database.exec('PRAGMA user_version = 1');
    database.close();
  }

  test('are labelled by what they say: the parties of Tasks, the referral’s graph, and what patients have decided', async () => {
    await begin('off');
    const ask = (who: Actor, method: 'GET' | 'POST', url: string, body?: object) =>
      asking({ running, base: running.base } as TestServer, who, method, url, body);
    expect((await ask(system, 'POST', '/', example('community'))).status).toBe(200);
    const bundle = newReferral();
    const sent = await ask(township, 'POST', '/', bundle);
    expect(sent.status).toBe(200);
    const paths = Object.fromEntries(sent.shown.map((path) => [path.split('/')[0]!, path]));
    const denial = await ask(
      system,
      'POST',
      '/Consent',
      consentOf(paths.Patient!, { type: 'deny', actor: [recipient('yongan-alliance')] }),
    );
    expect(denial.status).toBe(201);
    await running.stop();
    await forgetAccess();

    await begin('on');
    await running.relabelling.round();
    const seen = async (who: Actor) => {
      const found: string[] = [];
      for (const type of ['Patient', 'ServiceRequest', 'Task', 'Condition', 'Observation', 'Encounter']) {
        const read = await ask(who, 'GET', `/${paths[type]}`);
        const searched = await ask(who, 'GET', `/${type}?_id=${paths[type]!.split('/')[1]}`);
        expect([type, searched.shown.length]).toEqual([type, read.status === 200 ? 1 : 0]);
        if (read.status === 200) found.push(type);
      }
      return found;
    };
    const graph = ['Patient', 'ServiceRequest', 'Task', 'Condition', 'Observation', 'Encounter'];
    expect(await seen(township)).toEqual(graph);
    expect(await seen(hospital)).toEqual(graph);
    expect(await seen(at('hekou-health-centre'))).toEqual([]);
    expect(await seen(officeOf('yongan-alliance'))).toEqual([]);
  });
});
