import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import {
  asking,
  batch,
  entry,
  patient,
  type ResponseEntry,
  statuses,
  system,
  transaction,
} from './bundles.ts';

/** What can stand in a bundle beside creates, updates, patches and deletes (http://hl7.org/fhir/R4/http.html#transaction). */
onEachEngine((server) => {
  const { stored } = asking(server);
  const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
  const tag = { system: 'http://example.org/tags', code: 'urgent' };
  const send = async (bundle: object): Promise<{ entry: ResponseEntry[] }> =>
    (await server.post('/', bundle).expect(200)).body;

  for (const [kind, bundle] of [
    ['batch', batch],
    ['transaction', transaction],
  ] as const) {
    test(`in a ${kind}: GET of a resource, a version, a history, a search`, async () => {
      const place = await stored('read');
      const body = await send(
        bundle(
          entry('GET', place),
          entry('GET', `${place}/_history/1`),
          entry('GET', `${place}/_history`),
          entry('GET', `Patient?identifier=${system}|read&_summary=count`),
          entry('GET', `${server.base}/${place}`),
          entry('GET', `/${place}?_elements=gender`),
        ),
      );
      expect(statuses(body)).toEqual(['200', '200', '200', '200', '200', '200']);
      const [read, vread, history, search, absolute, elements] = body.entry.map(({ resource }) => resource!);
      expect(vread).toEqual(read);
      expect(absolute).toEqual(read);
      expect(history!.type).toBe('history');
      expect(search).toMatchObject({ type: 'searchset', total: expect.any(Number) });
      expect(elements).not.toHaveProperty('identifier');
    });

    test(`in a ${kind}: HEAD tells of a resource without sending it`, async () => {
      const place = await stored();
      const {
        entry: [answer],
      } = await send(bundle(entry('HEAD', place)));
      expect(answer!.response).toMatchObject({ status: '200', etag: 'W/"1"' });
      expect(answer).not.toHaveProperty('resource');
    });

    test(`in a ${kind}: a conditional read of what the client has is 304 without the resource`, async () => {
      const place = await stored();
      const {
        entry: [answer],
      } = await send(bundle(entry('GET', place, undefined, { ifNoneMatch: 'W/"1"' })));
      expect(answer!.response.status).toBe('304');
      expect(answer).not.toHaveProperty('resource');
    });

    test(`in a ${kind}: operations, and searches by POST`, async () => {
      const place = await stored();
      const body = await send(
        bundle(
          entry('GET', `${place}/$meta`),
          entry('POST', `${place}/$meta-add`, parameters({ name: 'meta', valueMeta: { tag: [tag] } })),
          entry('POST', 'Patient/$validate', patient()),
          entry('POST', 'Patient/_search?_count=1'),
          entry('GET', `${place}/$everything`),
        ),
      );
      expect(statuses(body)).toEqual(['200', '200', '200', '200', '200']);
      const [, added, outcome, found] = body.entry.map(({ resource }) => resource!);
      expect(added).toMatchObject({ parameter: [{ name: 'return', valueMeta: { tag: [tag] } }] });
      expect(outcome!.resourceType).toBe('OperationOutcome');
      expect(found!.type).toBe('searchset');
      expect((await server.get(`/${place}`).expect(200)).body.meta.tag).toEqual([tag]);
    });
  }

  test('an operation is part of its transaction: what it did is gone when another entry is refused', async () => {
    const place = await stored();
    await server
      .post(
        '/',
        transaction(
          entry('POST', `${place}/$meta-add`, parameters({ name: 'meta', valueMeta: { tag: [tag] } })),
          entry('GET', 'Patient/nobody'),
        ),
      )
      .expect(404);
    expect((await server.get(`/${place}`).expect(200)).body.meta).not.toHaveProperty('tag');
  });

  test('an operation sees what its transaction has written', async () => {
    const body = await send(
      transaction(
        entry('GET', 'Patient/within/$everything'),
        entry('PUT', 'Patient/within', patient(undefined, { id: 'within' })),
      ),
    );
    expect(statuses(body)).toEqual(['200', '201']);
    expect(body.entry[0]!.resource).toMatchObject({ entry: [{ resource: { id: 'within' } }] });
  });

  test('a bundle within a bundle is refused', async () => {
    await server.post('/', transaction(entry('POST', '/', transaction(entry('GET', 'Patient'))))).expect(501);
    const body = await send(batch(entry('POST', '/', batch(entry('GET', 'Patient')))));
    expect(statuses(body)).toEqual(['501']);
  });

  test('what is unknown in one entry of a batch does not touch the others', async () => {
    const body = await send(
      batch(
        entry('GET', 'Nothing/1'),
        entry('GET', 'Patient/$nothing'),
        entry('GET', 'Patient?colour=red'),
        entry('GET', 'metadata'),
      ),
    );
    expect(statuses(body)).toEqual(['404', '404', '400', '200']);
    expect(body.entry[0]!.response.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});
