import { beforeAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { batch, entry, patient } from './bundles.ts';

/** http://hl7.org/fhir/R4/async.html */
onEachEngine((server) => {
  beforeAll(async () => {
    await server.put('/Patient/a', patient('a', { id: 'a' })).expect(201);
  });

  const below = (url: string) => url.slice(server.base.length);
  /** Asks until the answer is there. */
  async function outcome(location: string) {
    for (;;) {
      const answer = await server.get(below(location)).set('Accept', 'application/json');
      if (answer.status !== 202) return answer;
      expect(answer.headers['x-progress']!.length).toBeLessThan(100);
    }
  }

  test.each([
    ['a search', '/Patient?_id=a', 'searchset'],
    ['a search of the system', '/?_type=Patient', 'searchset'],
    ['the history of the system', '/_history', 'history'],
    ['$everything', '/Patient/a/$everything', 'searchset'],
  ])('%s: 202, then 200 with the list of what can be fetched', async (_, path, type) => {
    const accepted = await server.get(path).set('Prefer', 'respond-async').expect(202);
    const done = await outcome(accepted.headers['content-location']!);
    expect(done.status).toBe(200);
    expect(done.headers['content-type']).toContain('application/json');
    expect(Date.parse(done.headers.expires!)).toBeGreaterThan(Date.now());
    expect(done.body).toMatchObject({ request: server.base + path, requiresAccessToken: false, error: [] });
    expect(Date.parse(done.body.transactionTime)).toBeLessThanOrEqual(Date.now());

    const [file] = done.body.output;
    expect(file.type).toBe('Bundle');
    const fetched = await server
      .get(below(file.url))
      .buffer(true)
      .parse((response, end) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => end(null, text));
      });
    expect(fetched.headers['content-type']).toContain('application/fhir+ndjson');
    const lines = (fetched.body as string).split('\n').filter(Boolean);
    expect(lines.map((line) => JSON.parse(line).type)).toEqual([type]);
  });

  test('a batch is run once, whether or not its answer is fetched', async () => {
    const accepted = await server
      .post('/', batch(entry('PUT', 'Patient/b', patient('b', { id: 'b' }))))
      .set('Prefer', 'respond-async')
      .expect(202);
    const { body } = await outcome(accepted.headers['content-location']!);
    expect(body.output).toHaveLength(1);
    await server.get('/Patient/b').expect('ETag', 'W/"1"').expect(200);
  });

  test('"Response - Error (e.g. unsupported search parameter)": 4XX at once', async () => {
    const { body } = await server.get('/Patient?colour=red').set('Prefer', 'respond-async').expect(400);
    expect(body.resourceType).toBe('OperationOutcome');
    await server
      .get('/Patient/nobody/$everything')
      .set('Prefer', 'respond-async')
      .expect(({ status }) => {
        expect([202, 404]).toContain(status);
      });
  });

  test('DELETE cancels: 202, then there is nothing', async () => {
    const { headers } = await server.get('/Patient').set('Prefer', 'respond-async').expect(202);
    const location = below(headers['content-location']!);
    await server.delete(location).expect(202);
    await server.get(location).expect(404);
    await server.delete(location).expect(404);
    await server.get('/_async/never').expect(404);
  });

  test('a read is answered at once all the same', async () => {
    await server.get('/Patient/a').set('Prefer', 'respond-async').expect(200);
  });
});
