import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import pino from 'pino';
import request from 'supertest';
import { start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { doorTo } from '../environment/database-door.ts';
import { testLog } from '../environment/logs.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';

const patient = { resourceType: 'Patient', gender: 'female' };

test('on the embedded engine a server that listens is alive and ready', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-health-'));
  const server = await start(readSettings({ AUTH: 'off', PORT: '0', DATA_DIR: folder }), testLog());
  const address = new URL(server.base).origin;
  await request(address).get('/healthz').expect(200);
  await request(address).get('/readyz').expect(200);
  await request(address).get('/').expect(302).expect('Location', '/docs');
  await request(address).get('/fhir').set('Accept', 'text/html').expect(302);
  await request(address).get('/fhir').set('Accept', 'application/fhir+json').expect(200);
  await server.stop();
  rmSync(folder, { recursive: true });
});

const describeMongo = mongodbUri() ? describe : describe.skip;

describeMongo('a server whose MongoDB is not there yet', () => {
  test('is alive and not ready, refuses with 503, says so in its log, and goes on when the database comes', async () => {
    const uri = newDatabaseUri(mongodbUri()!);
    const door = await doorTo(uri);
    const logged: string[] = [];
    const saidSo = Promise.withResolvers<void>();
    const log = pino(
      {},
      {
        write: (line: string) => {
          logged.push(JSON.parse(line).msg);
          if (/cannot be reached/.test(line)) saidSo.resolve();
        },
      },
    );
    const server = await start(readSettings({ AUTH: 'off', PORT: '0', MONGODB_URI: door.uri }), log);
    const health = request(new URL(server.base).origin);
    const api = request(server.base);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
    };
    const expectWaiting = async () => {
      await health.get('/healthz').expect(200);
      await health.get('/readyz').expect(503);
      for (const answer of [
        await api.get('/Patient'),
        await api.get('/Patient/1'),
        await api.get('/Patient/1/_history'),
        await api.post('/Patient').send(patient),
        await api.post('/').send(bundle),
        await api.get('/Patient/$referral-history?identifier=1'),
      ]) {
        expect(answer.status).toBe(503);
        expect(answer.body).toMatchObject({
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'error', code: 'transient' }],
        });
      }
      // What needs no database is answered all the same.
      await api.get('/metadata').expect(200);
      await api
        .post('/Patient')
        .send({ ...patient, gender: 'f' })
        .expect(400);
    };
    const expectServing = async () => {
      await untilReady(server.server.store);
      await health.get('/readyz').expect(200);
      await api.post('/').send(bundle).expect(200);
      return (await api.get('/Patient?_summary=count').expect(200)).body.total;
    };

    await expectWaiting();
    await saidSo.promise;
    await door.open();
    expect(await expectServing()).toBe(1);
    await door.shut();
    await expectWaiting();
    await door.open();
    expect(await expectServing()).toBe(2);
    expect(logged.filter((message) => /database/.test(message))).toEqual([
      expect.stringContaining('cannot be reached yet'),
      expect.stringContaining('answers now'),
    ]);

    await server.stop();
    await door.shut();
    const client = new MongoClient(uri);
    await client.db().dropDatabase();
    await client.close();
  });
});
