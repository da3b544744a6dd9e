import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import {
  asking,
  entry,
  type Json,
  jsonPatch,
  mother,
  patient,
  placeOf,
  replacing,
  statuses,
  transaction,
} from './bundles.ts';

onEachEngine(
  (server) => {
    const { count, post, stored } = asking(server);

    describe('a transaction', () => {
      test('is answered entry by entry, in the order of the request', async () => {
        const old = await stored('answered-old');
        const { body } = await post(
          transaction(
            entry('GET', old),
            entry('PUT', 'Patient/answered-1', patient('answered-1', { id: 'answered-1' })),
            entry('POST', 'Patient', patient('answered-2'), { fullUrl: mother }),
            entry('DELETE', 'Patient/never-was'),
          ),
        ).expect(200);
        expect(body).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
        expect(statuses(body)).toEqual(['200', '201', '201', '204']);
        expect(body.entry[0].resource.id).toBe(old.split('/')[1]);
        for (const index of [1, 2]) {
          const { response, resource } = body.entry[index];
          expect(response.etag).toBe('W/"1"');
          expect(response.location).toBe(`${server.base}/${placeOf(body, index)}/_history/1`);
          const read = await server.get(`/${placeOf(body, index)}`).expect(200);
          expect(response.lastModified).toBe(read.body.meta.lastUpdated);
          expect(resource).toBeUndefined();
        }
        expect(placeOf(body, 1)).toBe('Patient/answered-1');
      });

      test('gives the resources back when the client prefers that', async () => {
        const bundle = transaction(entry('POST', 'Patient', patient()));
        const full = await post(bundle).set('Prefer', 'return=representation').expect(200);
        expect(full.body.entry[0].resource).toMatchObject({ resourceType: 'Patient', gender: 'female' });
        expect(full.body.entry[0].fullUrl).toBe(`${server.base}/${placeOf(full.body, 0)}`);
        const minimal = await post(bundle).set('Prefer', 'return=minimal').expect(200);
        expect(minimal.body.entry[0].resource).toBeUndefined();
        const outcome = await post(bundle).set('Prefer', 'return=OperationOutcome').expect(200);
        expect(outcome.body.entry[0].response.outcome.resourceType).toBe('OperationOutcome');
      });

      test('without entries does nothing, and is answered without entries', async () => {
        const { body } = await post({ resourceType: 'Bundle', type: 'transaction' }).expect(200);
        expect(body).toEqual({ resourceType: 'Bundle', type: 'transaction-response' });
      });

      test.each<[string, Json, number]>([
        ['a resource that is not valid', entry('POST', 'Patient', patient(undefined, { gender: 'f' })), 400],
        ['a create without a resource', entry('POST', 'Patient'), 400],
        ['a resource of another type', entry('POST', 'Observation', patient()), 400],
        ['a type that FHIR does not have', entry('POST', 'Patients', patient()), 404],
        ['a create at the address of a resource', entry('POST', 'Patient/1', patient()), 405],
        ['an update with another id', entry('PUT', 'Patient/a', patient(undefined, { id: 'b' })), 400],
        ['an update without an id', entry('PUT', 'Patient/a', patient()), 400],
        [
          'an id that is not of FHIR’s form',
          entry('PUT', 'Patient/a_b', patient(undefined, { id: 'a_b' })),
          400,
        ],
        [
          'an update of a version that is not the current one',
          entry('PUT', 'Patient/x', patient(undefined, { id: 'x' }), { ifMatch: 'W/"3"' }),
          412,
        ],
        [
          'a patch of what is not there',
          entry('PATCH', 'Patient/nobody', replacing('Patient.gender', { valueCode: 'male' })),
          404,
        ],
        ['a patch that is not JSON', entry('PATCH', 'Patient/x', { ...jsonPatch(), data: 'eHg=' }), 400],
        ['a patch without data', entry('PATCH', 'Patient/x', { ...jsonPatch(), data: undefined }), 400],
        [
          'a patch of another kind',
          entry('PATCH', 'Patient/x', { ...jsonPatch(), contentType: 'text/xml' }),
          415,
        ],
        ['a read of what is not there', entry('GET', 'Patient/nobody'), 404],
        ['a search with an unknown parameter', entry('GET', 'Patient?shoe=42'), 400],
        [
          'a condition with an unknown parameter',
          entry('POST', 'Patient', patient(), { ifNoneExist: 'shoe=42' }),
          400,
        ],
        ['an empty condition', entry('POST', 'Patient', patient(), { ifNoneExist: 'identifier=' }), 412],
        ['a delete of everything', entry('DELETE', 'Patient'), 412],
        ['a bundle in the bundle', entry('POST', '/', { resourceType: 'Bundle', type: 'batch' }), 501],
        ['no url', { request: { method: 'DELETE' } }, 400],
        ['no request', { resource: patient() }, 400],
        ['null for an entry', null as unknown as Json, 400],
        ['a text for an entry', 'Patient' as unknown as Json, 400],
        [
          'the address of another server',
          entry('POST', 'https://elsewhere.example/fhir/Patient', patient()),
          404,
        ],
      ])('with %s is refused as a whole, and says in which entry', async (_, wrong, status) => {
        const before = await count('/Patient');
        const { body } = await post(
          transaction(
            entry('POST', 'Patient', patient('atomic'), { fullUrl: mother }),
            entry('PUT', 'Patient/atomic', patient('atomic', { id: 'atomic' })),
            wrong,
          ),
        ).expect(status);
        expect(body.resourceType).toBe('OperationOutcome');
        const [issue] = body.issue;
        expect(issue.severity).toMatch(/error|fatal/);
        expect(issue.expression[0]).toMatch(/^Bundle\.entry\[2\]/);
        expect(await count('/Patient')).toBe(before);
        await server.get('/Patient/atomic').expect(404);
      });

      test('is told all that validation finds in all entries, each at its place', async () => {
        const { body } = await post(
          transaction(
            entry('POST', 'Patient', patient(undefined, { gender: 'f', birthDate: 'yesterday' })),
            entry('POST', 'Observation', { resourceType: 'Observation' }),
          ),
        ).expect(400);
        const places = body.issue.flatMap((issue: Json) => issue.expression);
        expect(places).toEqual(
          expect.arrayContaining([
            'Bundle.entry[0].resource.gender',
            'Bundle.entry[0].resource.birthDate',
            expect.stringMatching(/^Bundle\.entry\[1\]\.resource/),
          ]),
        );
      });

      test('is refused with 413 when it has too many entries', async () => {
        const many = Array.from({ length: 21 }, () => entry('GET', 'Patient?_count=1'));
        expect((await post(transaction(...many)).expect(413)).body.issue[0].code).toBe('too-long');
        await post(transaction(...many.slice(1))).expect(200);
      });

      test.each([
        'searchset',
        'collection',
        'document',
        'message',
        'history',
        'transaction-response',
        'no-such',
        undefined,
      ])('is what is taken, not a bundle of the type %s', async (type) => {
        const { body } = await post({ resourceType: 'Bundle', ...(type && { type }) }).expect(400);
        expect(body.issue[0].severity).toBe('error');
      });

      test.each<[string, unknown]>([
        ['a resource that is no bundle', patient()],
        ['a list', [patient()]],
        [
          'entries that are no list',
          { resourceType: 'Bundle', type: 'transaction', entry: entry('GET', 'Patient') },
        ],
        ['nothing', undefined],
      ])('is what is taken, not %s', async (_, body) => {
        await server.post('/', body as object | undefined).expect(400);
      });
    });

    test('reads of the whole system can be part of a transaction', async () => {
      const { body } = await post(
        transaction(
          entry('GET', '_history?_count=2'),
          entry('GET', '?_type=Patient&_count=1'),
          entry('GET', 'metadata'),
        ),
      ).expect(200);
      expect(statuses(body)).toEqual(['200', '200', '200']);
    });
  },
  { MAX_BUNDLE_ENTRIES: '20' },
);
