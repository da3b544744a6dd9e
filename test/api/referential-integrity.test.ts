import { beforeEach, describe, expect, test } from '@jest/globals';
import { onEachEngine, type TestServer } from '../environment/server.ts';

const patient = (id: string) => ({ resourceType: 'Patient', id });
const observation = (id: string, subject: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: '血压' },
  subject: { reference: subject },
});
const entry = (method: string, url: string, resource?: object) => ({
  ...(resource && { resource }),
  request: { method, url },
});
const bundle = (...entries: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry: entries });

/** Puts Patient/a, and what refers to it, on record. */
async function given(server: TestServer, ...others: { resourceType: string; id: string }[]) {
  for (const each of [patient('a'), ...others])
    expect((await server.put(`/${each.resourceType}/${each.id}`, each)).status).toBeLessThan(300);
}

describe('deleting what others refer to (http://hl7.org/fhir/R4/http.html#delete)', () => {
  onEachEngine((server) => {
    beforeEach(async () => {
      // What a test leaves behind goes together: then nothing holds anything.
      const ids = ['Observation/o', 'Observation/o2', 'Provenance/p', 'Patient/a', 'Patient/b'];
      await server.post('/', bundle(...ids.map((id) => entry('DELETE', id)))).expect(200);
    });

    test('is refused with 409, names who does and by which element, in both languages', async () => {
      await given(server, observation('o', 'Patient/a'));
      const { body } = await server.delete('/Patient/a').expect(409);
      expect(body.issue).toHaveLength(1);
      expect(body.issue[0].code).toBe('conflict');
      expect(body.issue[0].details.text).toBe(
        'Patient/a 仍被其他资源引用,不能删除:Observation/o (patient) / Patient/a cannot be deleted, because others refer to it: Observation/o (patient)',
      );
      await server.get('/Patient/a').expect(200);
    });

    test('a full URL of this server, and one version of it, are references as well', async () => {
      await given(server, observation('o', `${server.base}/Patient/a`));
      await server.delete('/Patient/a').expect(409);
      await given(server, observation('o', 'Patient/a/_history/1'));
      await server.delete('/Patient/a').expect(409);
    });

    test('with the referrer deleted first it succeeds; so does what never had one', async () => {
      await given(server, observation('o', 'Patient/a'), patient('b'));
      await server.delete('/Patient/b').expect(204);
      await server.delete('/Observation/o').expect(204);
      await server.delete('/Patient/a').expect(204);
    });

    test('with the referrer in the same transaction, in whatever order, it succeeds', async () => {
      await given(server, observation('o', 'Patient/a'));
      await server
        .post('/', bundle(entry('DELETE', 'Patient/a'), entry('DELETE', 'Observation/o')))
        .expect(200);
      await server.get('/Patient/a').expect(410);
    });

    test('a referrer that the same transaction turns to another patient does not hold it', async () => {
      await given(server, patient('b'), observation('o', 'Patient/a'));
      const turned = entry('PUT', 'Observation/o', observation('o', 'Patient/b'));
      await server.post('/', bundle(entry('DELETE', 'Patient/a'), turned)).expect(200);
    });

    test('one that the same transaction makes does, and the outcome says in which entry', async () => {
      await given(server);
      const made = entry('PUT', 'Observation/o', observation('o', 'Patient/a'));
      const { body } = await server.post('/', bundle(made, entry('DELETE', 'Patient/a'))).expect(409);
      expect(body.issue[0].expression).toEqual(['Bundle.entry[1]']);
      await server.get('/Observation/o').expect(410);
    });

    test('the conditional delete is held to it', async () => {
      await given(server, observation('o', 'Patient/a'));
      await server.delete('/Patient?_id=a').expect(409);
    });

    test('a record of what was done holds nothing', async () => {
      await given(server, {
        resourceType: 'Provenance',
        id: 'p',
        target: [{ reference: 'Patient/a' }],
        recorded: '2026-11-20T09:00:00+08:00',
        agent: [{ who: { display: '青石镇中心卫生院' } }],
      } as never);
      await server.delete('/Patient/a').expect(204);
    });

    test('of many referrers twenty are named', async () => {
      await given(server);
      const many = Array.from({ length: 30 }, (_, index) => observation(`many${index}`, 'Patient/a'));
      await server
        .post('/', bundle(...many.map((each) => entry('PUT', `Observation/${each.id}`, each))))
        .expect(200);
      const { body } = await server.delete('/Patient/a').expect(409);
      const [zh] = body.issue[0].details.text.split(' / ');
      expect(zh.match(/Observation\/many/g)).toHaveLength(20);
      expect(zh).toMatch(/…$/);
      await server
        .post('/', bundle(...many.map(({ id }) => entry('DELETE', `Observation/${id}`))))
        .expect(200);
    });

    test('$validate with mode=delete tells beforehand', async () => {
      await given(server, observation('o', 'Patient/a'));
      const { body } = await server.get('/Patient/a/$validate?mode=delete').expect(200);
      expect(JSON.stringify(body)).toContain('Observation/o (patient)');
    });
  });

  describe('where REFERENTIAL_INTEGRITY is false', () => {
    onEachEngine(
      (server) => {
        test('succeeds', async () => {
          await given(server, observation('o', 'Patient/a'));
          await server.delete('/Patient/a').expect(204);
        });
      },
      { REFERENTIAL_INTEGRITY: 'false' },
    );
  });
});
