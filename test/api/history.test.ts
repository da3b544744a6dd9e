import { beforeAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

interface HistoryEntry {
  fullUrl: string;
  resource?: {
    id: string;
    meta: { versionId: string; lastUpdated: string; tag?: unknown[] };
    gender?: string;
  };
  request: { method: string; url: string };
  response: { status: string; etag: string; lastModified: string };
}
interface History {
  type: string;
  entry?: HistoryEntry[];
  link: { relation: string; url: string }[];
}

/** http://hl7.org/fhir/R4/http.html#history */
onEachEngine((server) => {
  /** When each version of the patient was made. */
  const times: string[] = [];

  beforeAll(async () => {
    const keep = async (path: string, body: object) => {
      const { body: kept } = await server.put(path, body);
      times.push(kept.meta.lastUpdated);
    };
    await keep('/Patient/h', { resourceType: 'Patient', id: 'h', gender: 'male' });
    await keep('/Patient/h', { resourceType: 'Patient', id: 'h', gender: 'female' });
    await server
      .patch('/Patient/h', [{ op: 'replace', path: '/gender', value: 'other' }])
      .set('Content-Type', 'application/json-patch+json')
      .expect(200);
    await server.delete('/Patient/h').expect(204);
    await server.put('/Medication/m', { resourceType: 'Medication', id: 'm' }).expect(201);
  });

  const history = async (path: string): Promise<History> => (await server.get(path).expect(200)).body;
  /** Without what the server itself notes, such as who does a job. */
  const sent = ({ entry = [] }: History) => entry.filter(({ fullUrl }) => !fullUrl.includes('/Basic/'));
  const methods = ({ entry = [] }: History) => entry.map(({ request }) => request.method);

  test('of a resource holds every version, "sorted with oldest versions last", deletions without a resource', async () => {
    const bundle = await history('/Patient/h/_history');
    expect(bundle.type).toBe('history');
    expect(methods(bundle)).toEqual(['DELETE', 'PATCH', 'PUT', 'PUT']);
    const [deleted, patched, updated, created] = bundle.entry!;
    expect(deleted).not.toHaveProperty('resource');
    expect(deleted!.response).toMatchObject({ status: '204', etag: 'W/"4"' });
    expect(patched!.resource!.gender).toBe('other');
    expect(updated).toMatchObject({
      response: { status: '200', etag: 'W/"2"' },
      resource: { gender: 'female' },
    });
    expect(created).toMatchObject({ request: { url: 'Patient/h' }, response: { status: '201' } });
    for (const { fullUrl } of bundle.entry!) expect(fullUrl).toBe(`${server.base}/Patient/h`);
    expect(created!.response.lastModified).toBe(created!.resource!.meta.lastUpdated);
  });

  test('of a type, and of the system', async () => {
    expect(methods(await history('/Patient/_history'))).toHaveLength(4);
    expect(sent(await history('/_history'))).toHaveLength(5);
    expect((await history('/_history?_type=Medication,Patient')).entry).toHaveLength(5);
    expect((await history('/_history?_type=Medication')).entry).toHaveLength(1);
    expect((await history('/Substance/_history')).entry).toBeUndefined();
  });

  test('_since: "only … versions that were created at or after the given instant in time"', async () => {
    const since = await history(`/Patient/h/_history?_since=${encodeURIComponent(times[1]!)}`);
    expect(methods(since)).toEqual(['DELETE', 'PATCH', 'PUT']);
    expect((await history('/_history?_since=2999-01-01T00:00:00%2B08:00')).entry).toBeUndefined();
    expect(sent(await history('/_history?_since=2000-01-01T00:00:00+08:00'))).toHaveLength(5);
  });

  test('_at: "only … versions that were current at some point during the time period specified"', async () => {
    const at = await history(`/Patient/h/_history?_at=${encodeURIComponent(times[0]!)}`);
    expect(at.entry!.at(-1)!.resource!.meta.versionId).toBe('1');
    expect((await history('/Patient/h/_history?_at=2000')).entry).toBeUndefined();
    expect(methods(await history(`/Patient/h/_history?_at=${times[0]!.slice(0, 4)}`))).toHaveLength(4);
  });

  test('_count and next links: each version once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/Patient/h/_history?_count=1';
    while (path) {
      const page: History = await history(path);
      expect(page.entry).toHaveLength(1);
      seen.push(page.entry![0]!.response.etag);
      path = page.link.find(({ relation }) => relation === 'next')?.url.slice(server.base.length);
    }
    expect(seen).toEqual(['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']);
  });

  test('_summary and _elements shorten the resources, and mark them', async () => {
    for (const query of ['_elements=gender', '_summary=true', '_summary=data']) {
      const { entry } = await history(`/Patient/h/_history?${query}`);
      expect(entry![1]!.resource!.meta.tag).toMatchObject([{ code: 'SUBSETTED' }]);
    }
  });

  test('of a resource that never was is 404, of one that was deleted is there', async () => {
    await server.get('/Patient/never/_history').expect(404);
    await server.get('/Patient/h/_history').expect(200);
  });

  test.each([
    '/Patient/_history?colour=red',
    '/_history?_type=Nothing',
    '/_history?_since=yesterday',
    '/_history?_at=yesterday',
    '/_history?_count=-1',
    '/_history?_cursor=AAAA',
    '/Patient/h/_history?_type=Medication',
  ])('%s is refused with 400', async (path) => {
    const { body } = await server.get(path).expect(400);
    expect(body.resourceType).toBe('OperationOutcome');
  });

  test('what is unknown is ignored where the client prefers that', async () => {
    await server.get('/Patient/_history?colour=red').set('Prefer', 'handling=lenient').expect(200);
    await server.get('/Patient/_history?_since=').expect(200);
  });
});
