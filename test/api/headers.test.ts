import { expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';

onEachEngine((server) => {
  test('a refused body that was read to its end keeps its connection', async () => {
    for (const padding of [0, 200_000]) {
      const { headers } = await server
        .post('/Patient')
        .set({ 'Content-Type': 'application/fhir+json', Connection: 'keep-alive' })
        .send(`${' '.repeat(padding)}{"resourceType":"Patient","gender":"none of these"}`)
        .expect(400);
      expect(headers.connection).toBe('keep-alive');
    }
  });

  test("a request has an id: the client's own, or one that is made for it", async () => {
    const own = await server.get('/metadata').set('X-Request-Id', 'his-2026.42').expect(200);
    expect(own.headers['x-request-id']).toBe('his-2026.42');
    const made = await server.get('/metadata').expect(200);
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('"when the server assigned id is different … X-Correlation-Id … with the client\'s original id in it"', async () => {
    const { headers } = await server.get('/metadata').set('X-Request-Id', 'not a {good} id').expect(200);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-correlation-id']).toBe('not a {good} id');
  });

  test.each([
    ['delete', '/metadata', 'GET, HEAD'],
    ['put', '/_history', 'GET, HEAD'],
    ['delete', '/Patient/1/_history/1', 'GET, HEAD'],
    ['put', '/Patient/_search', 'POST'],
    ['get', '/Patient/1/$meta-add', 'POST'],
  ] as const)('%s %s is 405, and says what is allowed', async (method, path, allowed) => {
    const sent = request(server.base)[method](path);
    const { headers, body } = await sent.expect(405);
    for (const name of allowed.split(', ')) expect(headers.allow).toContain(name);
    expect(body.resourceType).toBe('OperationOutcome');
  });

  test('HEAD of a search, a history and an error has the headers of GET and no body', async () => {
    for (const path of ['/Patient', '/_history', '/Patient/never']) {
      const get = await server.get(path);
      const head = await request(server.base).head(path).expect(get.status);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      expect(head.text).toBeUndefined();
    }
  });
});
