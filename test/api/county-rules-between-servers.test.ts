import { afterAll, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from '../environment/logs.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { off } from './county-rule-off.ts';
import { example, newReferral } from './referrals.ts';

const servers: Running[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

(mongodbUri() ? test : test.skip)(
  'what one server stores of the rules holds at another on the same database within a second',
  async () => {
    const MONGODB_URI = newDatabaseUri(mongodbUri()!);
    for (let each = 0; each < 2; each++)
      servers.push(await start(readSettings({ PORT: '0', AUTH: 'off', MONGODB_URI }), testLog()));
    for (const { server } of servers) await untilReady(server.store);
    const [here, there] = servers.map(({ base: url }) => url) as [string, string];
    const send = (method: string, url: string, body?: object) =>
      fetch(url, {
        method,
        headers: { 'Content-Type': 'application/fhir+json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const refusedThere = async () =>
      (await send('POST', there, newReferral('invalid/02-severe-hypertension-routine'))).status === 422;
    /** Milliseconds from the store's answer to the last referral that was still judged as before. */
    const until = async (refused: boolean) => {
      const stored = performance.now();
      let judged = stored;
      while ((await refusedThere()) !== refused) judged = performance.now();
      return judged - stored;
    };

    expect((await send('POST', here, example('community'))).status).toBe(200);
    expect(await refusedThere()).toBe(true);
    expect((await send('PUT', `${here}/PlanDefinition/yongan-rules`, off)).status).toBe(201);
    expect(await until(false)).toBeLessThan(1_000);
    expect((await send('DELETE', `${here}/PlanDefinition/yongan-rules`)).status).toBe(204);
    expect(await until(true)).toBeLessThan(1_000);
  },
  60_000,
);
