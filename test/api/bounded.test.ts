import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

onEachEngine(
  (server) => {
    describe('a body that would hold the server', () => {
      test.each([
        ['nested without end', '['.repeat(4_000_000), 400],
        ['of numbers without end', `[${'1e1,'.repeat(1_000_000)}1]`, 413],
        ['of members without end', `{${Array.from({ length: 600_000 }, (_, n) => `"a${n}":1`).join()}}`, 413],
        ['a string that does not end', `"${'a'.repeat(1_000_000)}`, 400],
      ])('%s is refused before it is parsed', async (_, body, status) => {
        const answer = await server.post('/Patient').set('Content-Type', 'application/fhir+json').send(body);
        expect(answer.status).toBe(status);
        expect(answer.body.resourceType).toBe('OperationOutcome');
      });
    });

    test('twenty thousand profiles that there are not are not all looked for', async () => {
      const profile = Array.from(
        { length: 20_000 },
        (_, n) => `http://hl7.org/fhir/StructureDefinition/${'q'.repeat(50)}${n}`,
      );
      const { body } = await server
        .post('/Patient/$validate', { resourceType: 'Patient', meta: { profile } })
        .expect(200);
      expect(body.issue.length).toBeLessThan(300);
    });

    test('the answer to a bundle is bounded: of a batch entry by entry, of a transaction as a whole', async () => {
      const name = 'a'.repeat(200_000);
      await server
        .put('/Organization/large', { resourceType: 'Organization', id: 'large', name })
        .expect(201);
      const ask = (type: string) => ({
        resourceType: 'Bundle',
        type,
        entry: Array(20).fill({ request: { method: 'GET', url: 'Organization/large' } }),
      });
      const { body } = await server.post('/', ask('batch')).expect(200);
      const statuses = body.entry.map(({ response }: { response: { status: string } }) => response.status);
      expect(statuses.filter((status: string) => status === '200').length).toBeLessThan(6);
      expect(new Set(statuses)).toEqual(new Set(['200', '403']));
      const refused = await server.post('/', ask('transaction')).expect(403);
      expect(refused.body.issue[0].code).toBe('too-costly');
    });

    describe('a page of large resources ends before it is too large, and the next one goes on', () => {
      const name = 'a'.repeat(100_000);
      const ids = ['w1', 'w2', 'w3', 'w4', 'w5'];
      beforeAll(async () => {
        await server.put('/Organization/wp', { resourceType: 'Organization', id: 'wp', name }).expect(201);
        for (const id of ids) {
          const partOf = { reference: 'Organization/wp' };
          await server
            .put(`/Organization/${id}`, { resourceType: 'Organization', id, name, partOf })
            .expect(201);
          await server.put(`/Location/${id}`, { resourceType: 'Location', id, name }).expect(201);
        }
      });

      interface Page {
        link: { relation: string; url: string }[];
        entry: { resource: { id: string; resourceType: string }; search?: { mode: string } }[];
      }

      /** All pages of what is asked. */
      async function pagesOf(path: string): Promise<Page[]> {
        const pages: Page[] = [];
        for (let url: string | undefined = path; url; ) {
          const { body } = await server.get(url.replace(server.base, '')).expect(200);
          pages.push(body);
          url = pages.at(-1)!.link.find(({ relation }) => relation === 'next')?.url;
        }
        return pages;
      }
      const idsOf = (pages: Page[]) => pages.flatMap(({ entry }) => entry.map(({ resource }) => resource.id));

      test.each([
        ['a search', '/Organization?_id=w1,w2,w3,w4,w5&_sort=_id&_count=100'],
        ['a history', '/Location/_history?_count=100'],
      ])('%s', async (_, path) => {
        const pages = await pagesOf(path);
        expect(pages.map(({ entry }) => entry.length)).toEqual([2, 2, 1]);
        expect(idsOf(pages).sort()).toEqual(ids);
      });

      test('a search over several types', async () => {
        const pages = await pagesOf('/?_type=Location,Organization&_id=w1,w2,w3&_count=100');
        expect(pages.map(({ entry }) => entry.length)).toEqual([2, 2, 2]);
        expect(idsOf(pages).sort()).toEqual(['w1', 'w1', 'w2', 'w2', 'w3', 'w3']);
      });

      test('what is larger by itself is a page of its own', async () => {
        for (const id of ['x1', 'x2'])
          await server.put(`/Group/${id}`, {
            resourceType: 'Group',
            id,
            type: 'person',
            actual: true,
            name: 'a'.repeat(300_000),
          });
        expect((await pagesOf('/Group')).map(({ entry }) => entry.length)).toEqual([1, 1]);
      });

      test('what is included has as much room again, and a page that has not all of it says so', async () => {
        const { body } = await server.get('/Organization?_id=wp&_revinclude=Organization:partof').expect(200);
        const modes = (body as Page).entry.map(({ search }) => search!.mode);
        expect(modes).toEqual(['match', 'include', 'include', 'outcome']);
      });
    });

    test('a read that is asked after a batch of many searches is answered before it', async () => {
      await server.put('/Patient/quick', { resourceType: 'Patient', id: 'quick' });
      const order: string[] = [];
      const entry = Array(500).fill({
        request: { method: 'GET', url: 'Patient?name:contains=a&_sort=name' },
      });
      const long = server
        .post('/', { resourceType: 'Bundle', type: 'batch', entry })
        .then(() => order.push('batch'));
      const short = server.get('/Patient/quick').then(() => order.push('read'));
      await Promise.all([long, short]);
      expect(order).toEqual(['read', 'batch']);
    });
  },
  { MAX_ANSWER_BYTES: '1000000' },
);
