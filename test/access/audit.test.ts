import { beforeAll, expect, test } from '@jest/globals';
import {
  askToken,
  assertion,
  type ClientKey,
  clientDevice,
  given,
  makeKey,
  organization,
  pkce,
  post,
  practitioner,
  secure,
  tokenOf,
} from '../environment/access.ts';
import { Browser } from '../environment/browser.ts';
import { onEachEngine } from '../environment/server.ts';

interface AuditEvent {
  outcome: string;
  outcomeDesc?: string;
  purposeOfEvent?: { coding: { code: string }[] }[];
  agent: { who: { reference?: string; display?: string }; role?: { coding: { code: string }[] }[] }[];
  entity: { what?: { reference?: string; identifier?: { value: string } } }[];
}

onEachEngine((server) => {
  const tokens: Record<string, string> = {};
  const app = 'https://app.example/callback';
  let key: ClientKey;
  beforeAll(async () => {
    key = await makeKey();
    const clients = [
      ['qingshi-his', 'qingshi', 'referrer'],
      ['qingshi-admin', 'qingshi', 'administrator'],
      ['hekou-office', 'hekou', 'medical-affairs'],
    ] as const;
    await given(
      server,
      organization('qingshi'),
      organization('hekou'),
      { resourceType: 'Patient', id: 'li', gender: 'female' },
      practitioner('wu'),
      post('wu-qingshi', 'Practitioner/wu', 'Organization/qingshi', 'attending'),
      clientDevice('app', { redirectUris: [app] }),
      ...clients.map(([id, of, role]) =>
        clientDevice(id, { roles: [role], organization: `Organization/${of}`, keys: [key.public] }),
      ),
    );
    for (const [id] of clients) tokens[id] = await tokenOf(server, id, key);
    await server.running.identity!.accounts.set('wu', 'Practitioner/wu', 'correct horse battery');
  });
  const get = (client: string, path: string) =>
    server.get(path).set('Authorization', `Bearer ${tokens[client]}`);
  const seenBy = async (client: string, query: string): Promise<AuditEvent[]> => {
    const { body } = await get(client, `/AuditEvent?${query}`).expect(200);
    return (body.entry ?? []).map(({ resource }: { resource: AuditEvent }) => resource);
  };

  test('where there is access control every access is recorded, with the client and for whom it acts', async () => {
    await get('qingshi-his', '/Patient/li').set('X-Request-Id', 'seen-1').expect(404);
    const [event] = await seenBy('qingshi-admin', 'patient=Patient/li&agent=Device/qingshi-his');
    expect(event).toMatchObject({ outcome: '4', outcomeDesc: 'HTTP 404' });
    expect(event!.agent[0]).toMatchObject({
      who: { reference: 'Device/qingshi-his' },
      role: [{ coding: [{ code: 'referrer' }] }],
    });
    expect(event!.agent[2]!.who.reference).toBe('Organization/qingshi');
  });

  test('an organization sees its own, and who has neither role sees none', async () => {
    await get('qingshi-his', '/Patient/li');
    expect((await seenBy('qingshi-admin', 'patient=li')).length).toBeGreaterThan(0);
    expect(await seenBy('hekou-office', 'patient=li')).toEqual([]);
    expect(await seenBy('qingshi-his', 'patient=li')).toEqual([]);
    const own = await seenBy('hekou-office', '_count=100');
    expect(new Set(own.map(({ agent }) => agent[2]!.who.reference))).toEqual(new Set(['Organization/hekou']));
  });

  test('an access without a token is recorded as nobody’s', async () => {
    await server.get('/Patient/li').set('X-Request-Id', 'nobody-1').expect(401);
    const { store } = server.running.server;
    const found = await store.search({ type: 'AuditEvent', filter: { kind: 'all' }, sort: [], limit: 200 });
    const events = found.map(({ version }) => JSON.parse(version.text) as AuditEvent);
    const [event] = events.filter(({ entity }) =>
      entity.some(({ what }) => what?.identifier?.value === 'nobody-1'),
    );
    expect(event).toMatchObject({ outcome: '4', outcomeDesc: 'HTTP 401' });
    expect(event!.agent[0]!.who).toEqual({ display: 'unknown' });
    expect(event!.entity[0]!.what!.reference).toBe('Patient/li');
  });

  const authentications = 'type=http://dicom.nema.org/resources/ontology/DCM|110114';

  test('who is given a token, and who is refused, is an authentication that an administrator finds', async () => {
    const given = await seenBy('qingshi-admin', `${authentications}&agent=Device/qingshi-his`);
    expect(given[0]).toMatchObject({
      outcome: '0',
      subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-71', display: 'Get Access Token' }],
    });
    expect(given[0]!.agent[2]!.who.reference).toBe('Organization/qingshi');
    await askToken(server, await assertion(server, 'hekou-office', await makeKey())).expect(401);
    const [refused] = await seenBy('qingshi-admin', `${authentications}&outcome=4`);
    expect(refused).toMatchObject({ outcomeDesc: 'HTTP 401' });
    expect(refused!.agent[0]!.who.reference).toBe('Device/hekou-office');
    await askToken(server, await assertion(server, 'nobody-known', key)).expect(401);
    const [unknown] = await seenBy('qingshi-admin', `${authentications}&outcome=4`);
    expect(unknown!.agent[0]!.who).toEqual({ display: 'unknown' });
    const ofHekou = await seenBy('hekou-office', authentications);
    expect(ofHekou.length).toBeGreaterThan(0);
    expect(new Set(ofHekou.map(({ agent }) => agent[2]!.who.reference))).toEqual(
      new Set(['Organization/hekou']),
    );
  });

  test('who signs in, and with a wrong password does not, is recorded by the app and, once known, the person', async () => {
    const { challenge, verifier } = pkce();
    const asked = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'app', redirect_uri: app, scope: 'openid user/*.rs' },
      ...{ aud: server.base, code_challenge: challenge, code_challenge_method: 'S256' },
    });
    const browser = new Browser();
    const page = await browser.go(`${server.base}/oauth/auth?${asked}`);
    await browser.go(page.url, { name: 'wu', password: 'wrong' });
    const back = await browser.go(page.url, { name: 'wu', password: 'correct horse battery' });
    await server
      .post('/oauth/token')
      .type('form')
      .send({
        ...{ grant_type: 'authorization_code', client_id: 'app', redirect_uri: app, code_verifier: verifier },
        code: new URL(back.location!).searchParams.get('code')!,
      });
    const events = await seenBy('qingshi-admin', `${authentications}&agent=Device/app`);
    const told = events.map((event) => [
      (event as unknown as { subtype: [{ code: string }] }).subtype[0].code,
      event.outcome,
      event.agent
        .map(({ who }) => who.reference)
        .filter((each) => each && each !== 'Device/app')
        .join(),
    ]);
    expect(told).toEqual([
      ['ITI-71', '0', 'Practitioner/wu,Organization/qingshi'],
      ['110122', '0', 'Practitioner/wu,Organization/qingshi'],
      ['110122', '4', ''],
    ]);
  });

  test('nobody writes one, whatever their role', async () => {
    const forged = {
      resourceType: 'AuditEvent',
      type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110114' },
      recorded: '2026-03-02T09:00:00Z',
      agent: [{ requestor: true }],
      source: { observer: { display: 'nobody' } },
    };
    for (const client of Object.keys(tokens)) {
      const { status } = await server
        .post('/AuditEvent', forged)
        .set('Authorization', `Bearer ${tokens[client]}`);
      expect([403, 405, 422]).toContain(status);
    }
  });
}, secure);
