import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { off } from '../api/county-rule-off.ts';
import { example, newReferral } from '../api/referrals.ts';
import { patientOf, village } from '../api/villages.ts';
import { engines } from '../environment/server.ts';
import { type Line, type ManyProcesses, startMany } from '../environment/workers.ts';

// Servers are started, on machines that may be busy.
jest.setTimeout(180_000);

describe.each(engines)('what one process takes in holds in the other at once, on the %s engine', (engine) => {
  let many: ManyProcesses;
  let one: Line;
  let other: Line;
  beforeAll(async () => {
    many = await startMany(engine, 2, { AUDIT: 'on' });
    [one, other] = [many.line(), many.line()];
    for (const line of [one, other]) await line.send('GET', 'metadata?_summary=true');
  });
  afterAll(() => many.end());

  /** A path of the API that an address leads to. */
  const below = (url: unknown) => String(url).slice(many.base.length + 1);

  test('a search parameter: what was there, what either writes from then on, and that it is gone', async () => {
    for (const [taker, asker] of [
      [one, other],
      [other, one],
    ] as const) {
      const found = async () => (await asker.send('GET', 'Patient?village=east')).body.total ?? 'refused';
      const before = Number((await one.send('GET', 'Patient?_summary=count')).body.total);
      expect(await found()).toBe('refused');
      await asker.send('POST', 'Patient', patientOf('East village'));
      expect((await taker.send('PUT', 'SearchParameter/village', village())).status).toBeLessThan(300);
      // Whoever adds one waits half a second for it to be indexed, which a busy machine may need more of.
      while ((await found()) === 'refused');
      expect(await found()).toBe(before + 1);
      await asker.send('POST', 'Patient', patientOf('East village'));
      await taker.send('POST', 'Patient', patientOf('East village'));
      expect(await found()).toBe(before + 3);
      expect((await taker.send('DELETE', 'SearchParameter/village')).status).toBe(204);
      expect(await found()).toBe('refused');
    }
  });

  test('a rule of the county', async () => {
    expect((await one.send('POST', '', example('community'))).status).toBe(200);
    const judged = async (line: Line) =>
      (await line.send('POST', '', newReferral('invalid/02-severe-hypertension-routine'))).status;
    for (const [taker, asker] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(await judged(asker)).toBe(422);
      expect((await taker.send('PUT', 'PlanDefinition/yongan-rules', off)).status).toBeLessThan(300);
      expect(await judged(asker)).toBe(200);
      expect((await taker.send('DELETE', 'PlanDefinition/yongan-rules')).status).toBe(204);
    }
  });

  test('a profile', async () => {
    const url = 'http://example.org/StructureDefinition/named-patient';
    const profile = {
      resourceType: 'StructureDefinition',
      id: 'named-patient',
      url,
      name: 'NamedPatient',
      status: 'active',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
    };
    const nameless = { resourceType: 'Patient', meta: { profile: [url] } };
    expect((await one.send('PUT', 'StructureDefinition/named-patient', profile)).status).toBe(201);
    expect((await other.send('POST', 'Patient', nameless)).status).toBe(422);
    expect((await other.send('DELETE', 'StructureDefinition/named-patient')).status).toBe(204);
    expect((await one.send('POST', 'Patient', nameless)).status).not.toBe(422);
  });

  test('a request whose answer is fetched later, from whichever process', async () => {
    const accepted = await one.send('GET', 'Patient?_count=3', undefined, { Prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    const address = below(accepted.headers['content-location']);
    let status = await other.send('GET', address);
    while (status.status === 202) status = await other.send('GET', address);
    expect(status.status).toBe(200);
    const [file] = status.body.output as { type: string; url: string }[];
    expect(file!.type).toBe('Bundle');
    for (const line of [one, other])
      expect((await line.send('GET', below(file!.url))).body).toMatchObject({ type: 'searchset' });
    expect((await other.send('DELETE', address)).status).toBe(202);
    expect((await one.send('GET', address)).status).toBe(404);
  });

  test('what was answered, for who asks who has read what', async () => {
    const requestId = `asked-of-one-${engine}`;
    await one.send('GET', 'Patient?_count=1', undefined, { 'X-Request-Id': requestId });
    const found = await other.send('GET', 'AuditEvent?_count=5');
    expect(JSON.stringify(found.body.entry)).toContain(requestId);
  });

  test('the links of a page', async () => {
    const page = await one.send('GET', 'Patient?_count=1&_sort=_id');
    const links = page.body.link as { relation: string; url: string }[];
    const next = await other.send('GET', below(links.find(({ relation }) => relation === 'next')!.url));
    expect(next.status).toBe(200);
    expect(next.body.entry).toHaveLength(1);
  });
});
