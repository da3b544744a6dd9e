import { expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';

onEachEngine(
  (server) => {
    test.each([
      ['Turtle is not answered in', 'Accept', 'text/turtle', 406],
      ['JSON by its general name', 'Accept', 'application/json', 200],
      ['anything', 'Accept', '*/*', 200],
      ['FHIR JSON of a version', 'Accept', 'application/fhir+json; fhirVersion=4.0', 200],
    ])('%s', async (_, header, value, status) => {
      await server.get('/metadata').set(header, value).expect(status);
    });

    test('_format wins over Accept', async () => {
      await server.get('/Patient?_format=ttl').expect(406);
      await server.get('/Patient?_format=json').set('Accept', 'text/turtle').expect(200);
    });

    test('a body of another type is refused with 415 and told what to send', async () => {
      const refused = await server
        .post('/Patient')
        .set('Content-Type', 'text/turtle')
        .send('[ a fhir:Patient ].')
        .expect(415);
      expect(refused.body.issue[0].details.text).toContain('application/fhir+json');
    });

    test.each([
      ['an unknown address', 'get', '/Nothing', 404],
      ['an address below a resource', 'get', '/Patient/1/2/3', 404],
      ['a method that is not there', 'delete', '/metadata', 405],
      ['an operation that is not there', 'get', '/Patient/$nothing', 404],
    ] as const)('%s answers with an OperationOutcome', async (_, method, path, status) => {
      const { body } = await server[method](path).expect(status);
      expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
    });

    test.each([
      ['no JSON', '{"resourceType":', 'JSON'],
      ['a member twice', '{"resourceType":"Patient","gender":"male","gender":"female"}', 'twice'],
      ['no resource', '[]', 'not a FHIR resource'],
      ['another type', '{"resourceType":"Observation"}', 'Patient'],
    ])('a body that is %s is refused with 400', async (_, body, text) => {
      const refused = await server
        .post('/Patient')
        .set('Content-Type', 'application/fhir+json')
        .send(body)
        .expect(400);
      expect(refused.body.issue[0].details.text).toContain(text);
    });

    test('every issue of a resource is told at once, each with its place', async () => {
      const { body } = await server
        .post('/Patient', { resourceType: 'Patient', gender: 'unknown?', birthDate: '1962-13-01', nme: [] })
        .expect(400);
      const places = body.issue.flatMap((issue: { expression?: string[] }) => issue.expression ?? []);
      expect(places).toEqual(expect.arrayContaining(['Patient.gender', 'Patient.birthDate']));
    });

    test('HEAD gives the headers of GET without a body', async () => {
      const { body } = await server
        .put('/Patient/head-1', { resourceType: 'Patient', id: 'head-1' })
        .expect(201);
      const head = await request(server.base).head(`/Patient/${body.id}`).expect(200);
      expect(head.headers.etag).toBe('W/"1"');
      expect(head.text).toBeUndefined();
    });

    test('browsers of other origins are let in where that is set, and see the headers that FHIR works with', async () => {
      const { headers } = await server.get('/metadata').set('Origin', 'https://township.example').expect(200);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toContain('ETag');
    });

    test('large answers are compressed for slow lines', async () => {
      const { headers } = await server.get('/metadata').set('Accept-Encoding', 'gzip').expect(200);
      expect(headers['content-encoding']).toBe('gzip');
    });
  },
  { CORS_ORIGINS: '*' },
);
