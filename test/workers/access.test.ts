import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { issuerOf } from '../../src/access/identity/identity.ts';
import { readSigningKeys } from '../../src/access/identity/signing-keys.ts';
import { makeCommandToken } from '../../src/access/identity/tokens.ts';
import { apiKey, clientDevice, organization } from '../environment/access.ts';
import { engines, signingKeys } from '../environment/server.ts';
import { type Line, type ManyProcesses, startMany } from '../environment/workers.ts';

// Servers are started, on machines that may be busy.
jest.setTimeout(180_000);

/** Requests a minute: the test asks more, in much less time. */
const rateLimit = 40;

describe.each(engines)('two processes with access control, on the %s engine', (engine) => {
  let many: ManyProcesses;
  let one: Line;
  let other: Line;
  const key = apiKey('his');
  const his = (status = 'active') =>
    clientDevice('his', {
      roles: ['referrer'],
      organization: 'Organization/qingshi',
      apiKeys: [key.registered],
      status,
    });
  /** As the commands on the server's machine come in, for a minute. */
  const administrator = async () => {
    const keys = readSigningKeys(signingKeys)!;
    const token = await makeCommandToken({ issuer: issuerOf(many.base), keys }, many.base);
    return { Authorization: `Bearer ${token}` };
  };
  const withKey = { 'X-Api-Key': key.key };

  beforeAll(async () => {
    many = await startMany(engine, 2, {
      AUTH: 'on',
      SIGNING_KEYS: signingKeys,
      RATE_LIMIT: String(rateLimit),
    });
    [one, other] = [many.line(), many.line()];
    for (const line of [one, other]) await line.send('GET', 'metadata?_summary=true');
    for (const resource of [organization('qingshi'), his()])
      await one.send('PUT', `${resource.resourceType}/${resource.id}`, resource, await administrator());
  });
  afterAll(() => many.end());

  test('a client is let in by both, and is out at both as soon as one has taken its leave back', async () => {
    for (const line of [one, other])
      expect((await line.send('GET', 'Organization/qingshi', undefined, withKey)).status).toBe(200);
    for (const [taker, asker] of [
      [one, other],
      [other, one],
    ] as const) {
      await taker.send('PUT', 'Device/his', his('inactive'), await administrator());
      expect((await asker.send('GET', 'Organization/qingshi', undefined, withKey)).status).toBe(401);
      await taker.send('PUT', 'Device/his', his(), await administrator());
      expect((await asker.send('GET', 'Organization/qingshi', undefined, withKey)).status).toBe(200);
    }
  });

  test('the bound on requests is one for both', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 2 * rateLimit; n++) {
      const line = n % 2 === 0 ? one : other;
      const { status, headers } = await line.send('GET', 'Organization/qingshi', undefined, withKey);
      statuses.push(status);
      if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    const passed = statuses.filter((status) => status === 200).length;
    // Some were asked for before, and some became due meanwhile.
    expect(passed).toBeGreaterThan(rateLimit / 2);
    expect(passed).toBeLessThanOrEqual(rateLimit + 5);
    expect(statuses.at(-1)).toBe(429);
  });
});
