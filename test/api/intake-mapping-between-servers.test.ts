import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from '../environment/logs.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const map = readFileSync(new URL('../../examples/intake/vendor-columns.json', import.meta.url), 'utf8');

const servers: Running[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

(mongodbUri() ? test : test.skip)(
  'what one server stores of a mapping holds at another on the same database from the next request on',
  async () => {
    const MONGODB_URI = newDatabaseUri(mongodbUri()!);
    for (let each = 0; each < 2; each++)
      servers.push(await start(readSettings({ PORT: '0', AUTH: 'off', MONGODB_URI }), testLog()));
    for (const { server } of servers) await untilReady(server.store);
    const [here, there] = servers.map(({ base }) => base) as [string, string];
    const send = (method: string, url: string, body?: string) =>
      fetch(url, { method, headers: { 'Content-Type': 'application/fhir+json' }, ...(body && { body }) });
    expect((await send('POST', here, JSON.stringify(example('community')))).status).toBe(200);

    const { 患者姓名: PAT_NAME, ...others } = townshipRow();
    const judgedThere = async () => {
      const answer = await fetch(new URL('/intake/referrals?dry-run=true', there), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...others, PAT_NAME }),
      });
      return (await answer.json()) as { accepted: number };
    };
    expect(await judgedThere()).toMatchObject({ accepted: 0 });
    expect((await send('PUT', `${here}/ConceptMap/example-vendor-columns`, map)).status).toBe(201);
    expect(await judgedThere()).toMatchObject({ accepted: 1 });
    expect((await send('DELETE', `${here}/ConceptMap/example-vendor-columns`)).status).toBe(204);
    expect(await judgedThere()).toMatchObject({ accepted: 0 });
  },
);
