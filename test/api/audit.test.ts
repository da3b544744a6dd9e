import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Test } from 'supertest';
import { viewOf } from '../../src/access/view.ts';
import { visibleTo } from '../../src/access/visible-store.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { community, patient } from '../environment/community.ts';
import { onEachEngine } from '../environment/server.ts';

interface AuditEvent {
  id: string;
  type: { code: string };
  subtype?: { code: string }[];
  action: string;
  recorded: string;
  outcome: string;
  agent: {
    who?: { reference?: string; display?: string };
    requestor: boolean;
    network?: { address: string };
  }[];
  entity: {
    what?: { reference?: string; identifier?: { value: string } };
    query?: string;
    role?: { code: string };
  }[];
}

interface Page {
  entry: { resource: AuditEvent }[];
  link: { relation: string; url: string }[];
}

const observation = (id: string, of: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: '体温' },
  subject: { reference: `Patient/${of}` },
});

onEachEngine(
  (server) => {
    /** The id under which a request is found again. */
    let last = 0;
    const newRequest = () => `audit-${++last}`;
    const as = (request: string, sent: Test) => sent.set('X-Request-Id', request);

    async function find(query: string): Promise<AuditEvent[]> {
      const { body } = await server.get(`/AuditEvent?${query}`).expect(200);
      return (body.entry ?? []).map(({ resource }: { resource: AuditEvent }) => resource);
    }
    /** The AuditEvents of one request, oldest first. */
    async function eventsOf(request: string): Promise<AuditEvent[]> {
      const all = await find('_count=200');
      const place = ({ id }: AuditEvent) => id.split('-').map(Number) as [number, number?];
      return all
        .filter(({ entity }) => entity.some(({ what }) => what?.identifier?.value === request))
        .sort((a, b) => place(a)[0] - place(b)[0] || (place(a)[1] ?? 0) - (place(b)[1] ?? 0));
    }
    const told = ({ subtype, outcome, entity }: AuditEvent) =>
      `${subtype?.[0]?.code} ${outcome} ${entity.flatMap(({ what }) => what?.reference ?? []).join(' ')}`;

    beforeAll(async () => {
      for (const id of ['li', 'zhang'])
        await server.put(`/Patient/${id}`, { ...patient, id, identifier: undefined }).expect(201);
      await server.put('/Observation/of-li', observation('of-li', 'li')).expect(201);
      await server.put('/Observation/of-zhang', observation('of-zhang', 'zhang')).expect(201);
      for (const each of community) await server.put(`/${each.resourceType}/${each.id}`, each).expect(201);
    });

    test('a request whose body is large is recorded as a small one is, kept or refused', async () => {
      const padding = ' '.repeat(200_000);
      const refused = { ...observation('large', 'li'), status: 'none of these' };
      for (const body of [observation('large', 'li'), refused, '{"resourceType":']) {
        const events: string[][] = [];
        for (const before of ['', padding]) {
          const request = newRequest();
          await as(request, server.put('/Observation/large'))
            .set('Content-Type', 'application/fhir+json')
            .send(before + (typeof body === 'string' ? body : JSON.stringify(body)));
          events.push((await eventsOf(request)).map(told));
        }
        expect(events[0]).toHaveLength(1);
        expect(events[1]).toEqual(events[0]);
      }
    });

    describe('every access is an AuditEvent:', () => {
      test.each<[string, string, string[]]>([
        ['a read', '/Observation/of-li', ['read 0 Patient/li Observation/of-li']],
        ['a read of the patient', '/Patient/li', ['read 0 Patient/li Patient/li']],
        [
          'a part of a resource',
          '/Observation/of-li?_elements=status',
          ['read 0 Patient/li Observation/of-li'],
        ],
        ['a version', '/Observation/of-li/_history/1', ['vread 0 Patient/li Observation/of-li']],
        ['a history', '/Observation/of-li/_history', ['history-instance 0 Patient/li Observation/of-li']],
        ['a search that finds one', '/Observation?subject=Patient/li', ['search-type 0 Patient/li']],
        [
          'a search that shows no subject',
          '/Observation?_id=of-li&_elements=status',
          ['search-type 0 Patient/li'],
        ],
        [
          'a search that finds two: one for each, so that neither is told of the other',
          '/Observation?status=final&_sort=_id',
          ['search-type 0 Patient/li', 'search-type 0 Patient/zhang'],
        ],
        ['a search that finds nothing', '/Observation?status=amended', ['search-type 0 ']],
        ['a search for somebody who has nothing', '/Condition?patient=li', ['search-type 0 Patient/li']],
        ['a compartment', '/Patient/zhang/Observation', ['search-type 0 Patient/zhang']],
        ['an operation', '/Patient/li/$everything', ['operation 0 Patient/li Patient/li']],
        ['what is not there', '/Observation/nobody', ['read 4 Observation/nobody']],
        ['an unknown parameter', '/Observation?colour=red', ['search-type 4 ']],
        ['an unknown address', '/Observation/a/b/c/d', ['undefined 4 ']],
      ])('%s', async (_, path, expected) => {
        const request = newRequest();
        await as(request, server.get(path));
        expect((await eventsOf(request)).map(told)).toEqual(expected);
      });

      test('writes, with whom they were about before as well', async () => {
        const request = newRequest();
        await as(request, server.put('/Observation/moved', observation('moved', 'li'))).expect(201);
        await as(request, server.put('/Observation/moved', observation('moved', 'zhang'))).expect(200);
        await as(request, server.delete('/Observation/moved')).expect(204);
        expect((await eventsOf(request)).map(told)).toEqual([
          'update 0 Patient/li Observation/moved',
          'update 0 Patient/zhang Observation/moved',
          'update 0 Patient/li Observation/moved',
          'delete 0 Patient/zhang Observation/moved',
        ]);
      });

      test('a write that is refused, with whom it was about', async () => {
        const request = newRequest();
        const wrong = { ...observation('wrong', 'li'), status: 'no status' };
        await as(request, server.post('/Observation', wrong)).expect(400);
        const [event] = await eventsOf(request);
        expect(event).toMatchObject({ action: 'C', outcome: '4', outcomeDesc: 'HTTP 400' });
        expect(event!.entity[0]!.what!.reference).toBe('Patient/li');
      });

      test('a body that is no JSON', async () => {
        const request = newRequest();
        await as(request, server.post('/Observation').set('Content-Type', 'application/fhir+json'))
          .send('{')
          .expect(400);
        expect(await eventsOf(request)).toMatchObject([{ outcome: '4', subtype: [{ code: 'create' }] }]);
      });

      const bundle = (type: string) => ({
        resourceType: 'Bundle',
        type,
        entry: [
          { request: { method: 'GET', url: 'Patient/li' } },
          { request: { method: 'POST', url: 'Observation' }, resource: observation('x', 'zhang') },
        ],
      });
      const entries = [
        'read 0 Patient/li Patient/li',
        expect.stringMatching(/^create 0 Patient\/zhang Observation\/[0-9a-f-]{36}$/),
      ];

      test.each(['batch', 'transaction'])('each entry of a %s', async (type) => {
        const request = newRequest();
        await as(request, server.post('/', bundle(type))).expect(200);
        expect((await eventsOf(request)).map(told).sort((a, b) => (a < b ? 1 : -1))).toEqual(entries);
      });

      test('a transaction that is refused, as a whole', async () => {
        const request = newRequest();
        const refused = bundle('transaction');
        refused.entry.push({ request: { method: 'GET', url: 'Observation/nobody' } });
        await as(request, server.post('/', refused)).expect(404);
        expect((await eventsOf(request)).map(told)).toEqual([
          'transaction 4 Patient/li',
          'transaction 4 Patient/zhang',
        ]);
      });

      test('an entry of a batch that is refused', async () => {
        const request = newRequest();
        const refused = bundle('batch');
        refused.entry.push({ request: { method: 'GET', url: 'Observation/nobody' } });
        await as(request, server.post('/', refused)).expect(200);
        expect((await eventsOf(request)).map(told)).toContain('read 4 Observation/nobody');
      });

      test('what is answered later, when it is done, and when it is fetched', async () => {
        const request = newRequest();
        const { headers } = await as(request, server.get('/Observation?subject=Patient/li')).set(
          'Prefer',
          'respond-async',
        );
        const path = headers['content-location']!.slice(server.base.length);
        let status = 202;
        while (status === 202) status = (await server.get(path)).status;
        expect((await eventsOf(request)).map(told)).toEqual(['search-type 0 Patient/li']);
        const fetching = newRequest();
        await as(fetching, server.get(`${path}/answer`)).expect(200);
        expect((await eventsOf(fetching)).map(told)).toEqual(['undefined 0 Patient/li']);
      });

      test('but not what the server can do', async () => {
        const request = newRequest();
        await as(request, server.get('/metadata')).expect(200);
        expect(await eventsOf(request)).toEqual([]);
      });
    });

    test('it says who, from where, when, and with which query', async () => {
      const before = Date.now();
      const request = newRequest();
      await as(request, server.get('/Observation?code:text=体温&patient=li'))
        .set('X-Acting-Organization', 'Organization/township')
        .set('X-Acting-Roles', 'receiver,liaison')
        .expect(200);
      const [event] = await eventsOf(request);
      const [client, us, organization] = event!.agent;
      expect(client).toMatchObject({
        requestor: true,
        role: [{ coding: [{ code: 'receiver' }] }, { coding: [{ code: 'liaison' }] }],
        network: { type: '2' },
      });
      expect(client!.network!.address).toMatch(/127\.0\.0\.1|::1/);
      expect(us).toMatchObject({ requestor: false, network: { address: server.base, type: '5' } });
      expect(organization).toMatchObject({ who: { reference: 'Organization/township' }, requestor: false });
      expect(Math.abs(Date.parse(event!.recorded) - before)).toBeLessThan(60_000);
      const query = event!.entity.find(({ role }) => role?.code === '24')!.query!;
      expect(decodeURIComponent(Buffer.from(query, 'base64').toString())).toBe(
        'Observation?code:text=体温&patient=li',
      );
    });

    test('the query of a search by POST is recorded, too', async () => {
      const request = newRequest();
      await as(request, server.post('/Observation/_search').type('form').send('patient=zhang')).expect(200);
      const [event] = await eventsOf(request);
      const query = event!.entity.find(({ role }) => role?.code === '24')!.query!;
      expect(Buffer.from(query, 'base64').toString()).toBe('Observation?patient=zhang');
      expect(event!.entity[0]!.what!.reference).toBe('Patient/zhang');
    });

    describe('AuditEvents are searched as all else:', () => {
      beforeAll(async () => {
        await server.put('/Patient/wu', {
          ...patient,
          id: 'wu',
          identifier: [{ system: 'urn:x', value: 'wu-1' }],
        });
        await server.put('/Observation/of-wu', observation('of-wu', 'wu'));
        for (let n = 0; n < 5; n++)
          await server
            .get('/Observation/of-wu')
            .set('X-Acting-Organization', `Organization/${n < 2 ? 'township' : 'lead'}`);
        await server.delete('/Observation/of-wu').expect(204);
      });
      const count = async (query: string) => (await find(query)).length;

      test('who has seen my record, newest first', async () => {
        const events = await find('patient=Patient/wu&subtype=read');
        expect(events).toHaveLength(5);
        const times = events.map(({ recorded }) => recorded);
        expect(times).toEqual([...times].sort().reverse());
        expect(events[0]!.agent[2]!.who!.reference).toBe('Organization/lead');
      });

      test.each([
        ['patient=wu&agent=Organization/township', 2],
        ['patient=wu&action=D', 1],
        ['patient=wu&action=D&outcome=4', 0],
        ['entity=Observation/of-wu', 7],
        ['entity=Observation/of-wu&action:not=R', 2],
        ['patient=wu&date=lt2020-01-01', 0],
        ['patient=wu&date=ge2020-01-01&subtype=read', 5],
        ['patient=wu,zhang&action=D&entity=Observation/of-wu', 1],
        ['patient.identifier=urn:x|wu-1&subtype=read', 5],
        ['patient=wu&agent:missing=true', 0],
      ])('%s finds %i', async (query, found) => {
        expect(await count(query)).toBe(found);
      });

      test('page by page, nothing twice and nothing left out while new ones come', async () => {
        const all = (await find('patient=wu&subtype=read,update,delete')).map(({ id }) => id);
        const seen: string[] = [];
        let path: string | undefined = '/AuditEvent?patient=wu&subtype=read,update,delete&_count=2';
        while (path) {
          const { body }: { body: Page } = await server.get(path).expect(200);
          seen.push(...body.entry.map(({ resource }) => resource.id));
          const next = body.link.find(({ relation }) => relation === 'next');
          path = next?.url.slice(server.base.length);
          await server.get('/Patient/wu').expect(200);
        }
        expect(seen).toEqual(all);
      });

      test('oldest first, and counted', async () => {
        const newest = (await find('patient=wu&subtype=read&_sort=-date')).map(({ id }) => id);
        const { body } = await server.get('/AuditEvent?patient=wu&subtype=read&_sort=date&_total=accurate');
        const ids = body.entry.map(({ resource }: { resource: AuditEvent }) => resource.id);
        expect(body.total).toBe(ids.length);
        expect(ids).toEqual([...newest].reverse());
        await server.get('/AuditEvent?_sort=agent').expect(400);
      });

      test('with who is named in them, from these, and through them', async () => {
        const { body } = await server.get('/AuditEvent?patient=wu&_include=AuditEvent:patient').expect(200);
        expect(
          body.entry.filter(({ search }: { search: { mode: string } }) => search.mode === 'include'),
        ).toHaveLength(1);
        const back = await server.get('/Patient?_id=wu&_revinclude=AuditEvent:patient').expect(200);
        expect(back.body.entry.length).toBeGreaterThan(5);
        const having = await server.get('/Patient?_has:AuditEvent:patient:action=D&_id=wu,li').expect(200);
        expect(having.body.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([
          'wu',
        ]);
      });

      test('one by its id, and none that is not there', async () => {
        const [event] = await find('patient=wu');
        const { body } = await server.get(`/AuditEvent/${event!.id}`).expect(200);
        expect(body).toEqual(event);
        for (const id of ['0', '999999999', '1-2', 'x', '1e3'])
          await server.get(`/AuditEvent/${id}`).expect(404);
      });

      test('in a transaction as well', async () => {
        const { body } = await server.post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ request: { method: 'GET', url: 'AuditEvent?patient=wu&action=D' } }],
        });
        expect(body.entry[0].resource.entry).toHaveLength(1);
      });

      test('but they are no part of the record itself', async () => {
        for (const path of ['/Patient/wu/$everything', '/Patient/wu/*']) {
          const { body } = await server.get(path).expect(200);
          expect(JSON.stringify(body)).not.toContain('AuditEvent/');
        }
        const { body } = await server.get('/Patient/wu/AuditEvent').expect(200);
        expect(body.entry.length).toBeGreaterThan(5);
      });

      test('they are valid', async () => {
        for (const event of await find('_count=100')) {
          const { body } = await server.post('/AuditEvent/$validate', event);
          expect(body.issue.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([]);
        }
      });
    });

    describe('who may see AuditEvents:', () => {
      const seen = async (actor: Actor) => {
        const { server: shown } = server.running;
        const view = viewOf(actor, () => ({ kind: actor.scopes ? 'none' : 'all' }));
        const found = await visibleTo(view, shown.store).search({
          type: 'AuditEvent',
          filter: { kind: 'all' },
          sort: [],
          limit: 1_000,
        });
        return found.map(({ version }) => JSON.parse(version.text) as AuditEvent);
      };
      const organizations = (events: readonly AuditEvent[]) =>
        new Set(events.map(({ agent }) => agent[2]?.who?.reference));

      test.each(['administrator', 'medical-affairs'])('%s, those of the own organization', async (role) => {
        const events = await seen({ organization: 'Organization/township', roles: [role] });
        expect(organizations(events)).toEqual(new Set(['Organization/township']));
      });

      test('a patient, those about the own record', async () => {
        const events = await seen({ person: 'Patient/wu', patient: 'Patient/wu', roles: [] });
        expect(events.length).toBeGreaterThan(5);
        for (const { entity } of events) {
          const patients = entity.flatMap(({ what }) => what?.reference?.match(/^Patient\/.*/)?.[0] ?? []);
          expect(new Set(patients)).toEqual(new Set(['Patient/wu']));
        }
      });

      test.each<Actor>([
        { organization: 'Organization/township', roles: ['referrer'] },
        { roles: ['administrator'] },
        { organization: 'Organization/township', roles: ['administrator'], scopes: [] },
      ])('nobody else: %j', async (actor) => {
        expect(await seen(actor)).toEqual([]);
      });
    });

    describe('the server alone writes AuditEvents:', () => {
      const forged = {
        resourceType: 'AuditEvent',
        type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110114' },
        recorded: '2026-03-02T09:00:00Z',
        agent: [{ requestor: true }],
        source: { observer: { display: 'nobody' } },
      };
      test.each<[string, () => Test]>([
        ['create', () => server.post('/AuditEvent', forged)],
        ['update', () => server.put('/AuditEvent/1', { ...forged, id: '1' })],
        ['update under a new id', () => server.put('/AuditEvent/mine', { ...forged, id: 'mine' })],
        ['delete', () => server.delete('/AuditEvent/1')],
        [
          'patch',
          () =>
            server
              .patch('/AuditEvent/1', [{ op: 'replace', path: '/outcome', value: '0' }])
              .set('Content-Type', 'application/json-patch+json'),
        ],
        [
          'labels',
          () =>
            server.post('/AuditEvent/1/$meta-add', {
              resourceType: 'Parameters',
              parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'http://x', code: 'x' }] } }],
            }),
        ],
        [
          'a transaction',
          () =>
            server.post('/', {
              resourceType: 'Bundle',
              type: 'transaction',
              entry: [{ request: { method: 'POST', url: 'AuditEvent' }, resource: forged }],
            }),
        ],
        ['history', () => server.get('/AuditEvent/1/_history')],
        ['history of all', () => server.get('/AuditEvent/_history')],
      ])('%s is refused with 405 and the reason', async (_, send) => {
        const { body, headers } = await send().expect(405);
        expect(body.issue[0].details.text).toMatch(/only|read and searched/);
        expect(headers.allow).toBe('GET, HEAD');
      });

      test('and says so beforehand', async () => {
        const { body } = await server.get('/metadata').expect(200);
        const stated = body.rest[0].resource.find(({ type }: { type: string }) => type === 'AuditEvent');
        expect(stated.interaction.map(({ code }: { code: string }) => code)).toEqual(['read', 'search-type']);
        expect(stated).toMatchObject({ versioning: 'no-version', updateCreate: false, readHistory: false });
        const answer = await fetch(new URL('/openapi.json', server.base));
        const api = (await answer.json()) as { paths: Record<string, object> };
        const paths = Object.entries(api.paths).filter(([path]) => path.startsWith('/AuditEvent'));
        for (const [path, item] of paths) {
          expect(path).not.toContain('_history');
          expect(Object.keys(item)).not.toContain('put');
        }
        expect(Object.keys(api.paths['/AuditEvent']!)).toEqual(['get']);
      });
    });
  },
  { AUDIT: 'on' },
);
