import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, referring } from './referrals.ts';

const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };

onEachEngine((server) => {
  const { accepted } = referring(server);
  let task: string;
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    task = (await accepted(newReferral())).Task!;
  });

  const ask = (path: string, tag?: string) =>
    tag === undefined ? server.get(path) : server.get(path).set('If-None-Match', tag);
  const tagOf = async (path: string) => String((await ask(path).expect(200)).headers.etag);

  describe.each([
    ['a worklist', '/Task?owner=Organization/yongan-county-hospital&_lastUpdated=gt2020-01-01'],
    ['a history', '/Task/_history?_since=2020-01-01'],
    ['the history of all', '/_history?_since=2020-01-01&_count=5'],
    ['a search with what goes along', '/Task?_lastUpdated=gt2020-01-01&_include=Task:focus&_total=accurate'],
  ])('who polls %s', (_, path) => {
    test('is told by 304 that nothing has changed, and shown what has', async () => {
      const tag = await tagOf(path);
      expect(tag).toMatch(/^W\/"[\w-]+"$/);
      const unchanged = await ask(path, tag).expect(304);
      expect(unchanged.text).toBe('');
      expect(unchanged.headers.etag).toBe(tag);
      await ask(path, `"other", ${tag.slice(2)}`).expect(304);
      await server
        .patch(`/Task/${task}`, [{ op: 'add', path: '/note', value: [{ text: path }] }])
        .set({ 'Content-Type': 'application/json-patch+json', ...hospital })
        .expect(200);
      const changed = await ask(path, tag).expect(200);
      expect(changed.headers.etag).not.toBe(tag);
      expect(changed.text).toContain(JSON.stringify(path).slice(1, -1));
      await ask(path, changed.headers.etag).expect(304);
    });
  });

  test('a label that makes no version is a change as well', async () => {
    const path = `/Task?_id=${task}&_lastUpdated=gt2020-01-01`;
    const tag = await tagOf(path);
    const meta = { tag: [{ system: 'http://example.org', code: 'seen' }] };
    await server
      .post(`/Task/${task}/$meta-add`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: meta }],
      })
      .expect(200);
    await ask(path, tag).expect(200);
  });

  test('nothing new is nothing: the page stays empty, and its tag the same', async () => {
    const path = '/Task?owner=Organization/yongan-county-hospital&_lastUpdated=gt2083-01-01';
    const tag = await tagOf(path);
    await accepted(newReferral());
    await ask(path, tag).expect(304);
  });

  test('a tag is of its own question', async () => {
    const tag = await tagOf('/Task?_lastUpdated=gt2020-01-01&_count=1');
    await ask('/Task?_lastUpdated=gt2020-01-01&_count=2', tag).expect(200);
  });

  test('in XML the tag is the same, for what is shown is', async () => {
    const path = '/Task?_lastUpdated=gt2020-01-01&_count=1';
    const tag = await tagOf(path);
    const { headers } = await server.get(path).set('Accept', 'application/fhir+xml').expect(200);
    expect(headers.etag).toBe(tag);
  });
});
