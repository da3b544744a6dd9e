import { beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, issuesOf, newReferral, numberOf, referring, the } from './referrals.ts';

interface Page {
  total?: number;
  link: { relation: string; url: string }[];
  entry?: { resource: Resource; search: { mode: string } }[];
}

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  const residentId = 'urn:oid:2.16.156.10011.1.3';
  /** The patient of these tests, and what was made of the first referral. */
  let patient: string;
  let made: Record<string, string>;
  /** The referrals, newest first. Five were written at the same instant. */
  const authored = [
    '2026-11-22T08:00:00+08:00',
    '2026-11-21T23:59:59+08:00',
    ...Array.from({ length: 5 }, () => '2026-11-20T10:00:00+08:00'),
    '2026-11-16T09:40:00+08:00',
  ];

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    const bundle = newReferral();
    patient = `${residentId}|${numberOf(the(bundle, 'Patient'))}`;
    made = await accepted(bundle);
    const { id: _, meta: __, ...first } = await read('ServiceRequest', made.ServiceRequest!);
    const [number] = first.identifier as Resource[];
    for (const [n, authoredOn] of authored.slice(0, -1).entries()) {
      const identifier = [{ ...number, value: `HISTORY-${n}` }];
      await server.post('/ServiceRequest', { ...first, identifier, authoredOn }).expect(201);
    }
    // Somebody else's referral is in no answer.
    await accepted(newReferral());
  });

  const ask = async (query: Record<string, string>, path = '/Patient/$referral-history'): Promise<Page> =>
    (await server.get(`${path}?${new URLSearchParams(query)}`).expect(200)).body;
  const matches = ({ entry = [] }: Page) =>
    entry.filter(({ search }) => search.mode === 'match').map(({ resource }) => resource);
  const typesOf = ({ entry = [] }: Page) => new Set(entry.map(({ resource }) => resource.resourceType));

  /** Follows the next links to the end. */
  async function allPages(first: Page): Promise<Page[]> {
    const pages = [first];
    for (;;) {
      const next = pages.at(-1)!.link.find(({ relation }) => relation === 'next');
      if (!next) return pages;
      pages.push((await server.get(next.url.slice(server.base.length)).expect(200)).body);
    }
  }

  test('gives all referrals of a patient, newest first, with what belongs to them', async () => {
    const answer = await ask({ identifier: patient });
    expect(matches(answer).map(({ authoredOn }) => authoredOn)).toEqual(authored);
    expect(answer.total).toBe(authored.length);
    expect(typesOf(answer)).toEqual(
      new Set(['ServiceRequest', 'Task', 'Patient', 'PractitionerRole', 'Organization', 'Condition']),
    );
  });

  test('is the same for a patient named by id, by a value alone, by POST, and by plain search', async () => {
    const ids = matches(await ask({ identifier: patient })).map(({ id }) => id);
    expect(matches(await ask({}, `/Patient/${made.Patient}/$referral-history`)).map(({ id }) => id)).toEqual(
      ids,
    );
    expect(matches(await ask({ identifier: patient.split('|')[1]! })).map(({ id }) => id)).toEqual(ids);
    const parameter = [{ name: 'identifier', valueString: patient }];
    const posted = await server
      .post('/Patient/$referral-history', { resourceType: 'Parameters', parameter })
      .expect(200);
    expect(matches(posted.body).map(({ id }) => id)).toEqual(ids);
    const search = await server.get(
      `/ServiceRequest?patient.identifier=${encodeURIComponent(patient)}&_revinclude=Task:focus&_include=ServiceRequest:requester`,
    );
    expect(new Set(matches(search.body).map(({ id }) => id))).toEqual(new Set(ids));
    expect(typesOf(search.body)).toEqual(new Set(['ServiceRequest', 'Task', 'PractitionerRole']));
  });

  test.each([1, 2, 3, 7, 8, 100])('in pages of %s loses nothing and gives nothing twice', async (count) => {
    const pages = await allPages(await ask({ identifier: patient, _count: String(count) }));
    const found = pages.flatMap(matches);
    expect(found.map(({ authoredOn }) => authoredOn)).toEqual(authored);
    expect(new Set(found.map(({ id }) => id)).size).toBe(authored.length);
    expect(pages).toHaveLength(Math.ceil(authored.length / count));
  });

  test.each<[Record<string, string>, number]>([
    [{ start: '2026-11-20' }, 7],
    [{ end: '2026-11-20' }, 6],
    [{ start: '2026-11-20', end: '2026-11-20' }, 5],
    [{ start: '2026-11-20T02:00:00Z', end: '2026-11-20T02:00:00Z' }, 5],
    [{ start: '2026-11-20T10:00:01+08:00' }, 2],
    [{ start: '2026-11-21' }, 2],
    [{ end: '2025' }, 0],
    [{ direction: 'up' }, 8],
    [{ direction: 'down' }, 0],
    [{ status: 'active' }, 8],
    [{ status: 'revoked' }, 0],
    [{ status: 'requested' }, 8],
    [{ status: 'requested,active' }, 8],
    [{ status: 'active', direction: 'up', start: '2026-11-16', end: '2026-11-19', _count: '1' }, 1],
  ])('asked for %j gives %i', async (query, expected) => {
    const pages = await allPages(await ask({ identifier: patient, ...query }));
    expect(pages.flatMap(matches)).toHaveLength(expected);
  });

  test('of somebody unknown is empty; of an id that never was there is none', async () => {
    expect(await ask({ identifier: `${residentId}|nobody` })).toMatchObject({ total: 0 });
    await server.get('/Patient/never-was/$referral-history').expect(404);
  });

  test.each([
    ['identifier', ''],
    ['identifier', `${residentId}|`],
    ['direction', 'sideways'],
    ['status', 'asleep'],
    ['start', 'yesterday'],
    ['_count', '0'],
    ['_count', 'many'],
    ['_cursor', 'made-up'],
    ['shoe', '42'],
  ])('refuses %s=%s and says what is wrong', async (name, value) => {
    const query = new URLSearchParams({ identifier: patient, [name]: value });
    const { body } = await server.get(`/Patient/$referral-history?${query}`).expect(400);
    expect(issuesOf(body)[0]).toMatch(/^error (invalid|not-supported)/);
    expect(body.issue[0].details.text).toContain(name);
  });
});
