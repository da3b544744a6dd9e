import { describe, expect, test } from '@jest/globals';
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
