import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { a, to } from './resources.ts';
import { ids, link, pages, put, remove } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#count and http://hl7.org/fhir/R4/http.html#paging */
const id = (n: number) => `p${String(n).padStart(2, '0')}`;
const patient = (n: number, family: string) => a('Patient', id(n), { name: [{ family }] });
const given = Array.from({ length: 23 }, (_, n) => patient(n, `Family ${n % 4}`));

onEachEngine((server) => {
  beforeAll(() => put(server, given));

  test.each([
    '',
    '_sort=family',
    '_sort=-family',
    '_sort=_id',
    '_sort=-_lastUpdated',
    'family=Family 1',
    '_sort=birthdate',
  ])(
    '%s: the pages hold each match once, none more than _count, and only the last has no next',
    async (query) => {
      const whole = ids((await server.get(`/Patient?_count=100&${encodeURI(query)}`).expect(200)).body);
      for (const count of [1, 5, 23]) {
        const found = await pages(server, `/Patient?_count=${count}&${encodeURI(query)}`);
        expect(found.flatMap((page) => ids(page))).toEqual(whole);
        expect(found).toHaveLength(Math.ceil(whole.length / count));
      }
    },
  );

  test('"The server should repeat the original _count parameter in its returned page links"', async () => {
    const { body } = await server.get('/Patient?_count=5&_sort=family').expect(200);
    const next = new URL(body.link.find((each: { relation: string }) => each.relation === 'next').url);
    expect(next.searchParams.get('_count')).toBe('5');
    expect(next.searchParams.get('_sort')).toBe('family');
  });

  test('more than the server likes to give is not refused', async () => {
    const { body } = await server.get('/Patient?_count=999999999').expect(200);
    expect(ids(body)).toHaveLength(given.length);
  });

  test.each(['-1', 'ten', '1.5'])('_count=%s is refused', async (count) => {
    const { body } = await server.get(`/Patient?_count=${count}`).expect(400);
    expect(body.issue[0].details.text).toContain('_count');
  });

  test('a page link that someone changed is refused', async () => {
    const { body } = await server.get('/Patient?_count=5').expect(200);
    const next = link(server, body, 'next')!;
    await server.get(`${next.slice(0, -2)}xx`).expect(400);
    await server.get('/Patient?_cursor=nothing').expect(400);
  });

  test('"each page of search results should include the matching includes for the resources in each page"', async () => {
    const observations = [0, 1, 2].map((n) => a('Observation', `o${n}`, { subject: to(`Patient/${id(0)}`) }));
    await put(server, observations);
    const found = await pages(server, '/Observation?_count=1&_include=Observation:subject');
    expect(found.map((page) => ids(page, 'include'))).toEqual([[id(0)], [id(0)], [id(0)]]);
    await remove(server, observations);
  });

  describe('while another client writes', () => {
    const untouched = given
      .map((each) => each.id!)
      .filter((each) => !['p01', 'p02', 'p20', 'p21'].includes(each));

    test.each(['_sort=family', '_sort=-family,_id', '_sort=_id', '_sort=-_id', '_sort=_lastUpdated', ''])(
      '%s: of what nobody touches nothing is lost and nothing comes twice',
      async (sort) => {
        let round = 0;
        const found = await pages(server, `/Patient?_count=4&${sort}`, async () => {
          round++;
          if (round === 1) await remove(server, [patient(1, ''), patient(20, '')]);
          if (round === 2) await put(server, [patient(2, 'AAA'), patient(21, 'ZZZ'), a('Patient', 'a-new')]);
          if (round === 3)
            await put(server, [patient(1, 'Family 1'), a('Patient', 'z-new'), a('Patient', 'p10-new')]);
        });
        const seen = found.flatMap((page) => ids(page)).filter((each) => untouched.includes(each));
        expect(seen.toSorted()).toEqual(untouched.toSorted());
        await remove(
          server,
          ['a-new', 'z-new', 'p10-new'].map((each) => a('Patient', each)),
        );
        await put(server, given);
      },
    );
  });

  describe('over several types', () => {
    const mixed = Array.from({ length: 12 }, (_, n) => {
      const tag = { meta: { tag: [{ code: 'mixed' }] } };
      return a(['Condition', 'Observation', 'Group'][n % 3]!, `m${String(n).padStart(2, '0')}`, tag);
    });
    beforeAll(() => put(server, mixed));
    afterAll(() => remove(server, mixed));

    test.each([
      '/?_tag=mixed',
      '/?_tag=mixed&_sort=_id',
      '/?_type=Condition,Observation,Group&_tag=mixed&_sort=-_id',
    ])('%s: each match once', async (path) => {
      const found = await pages(server, `${path}&_count=5`);
      expect(found.map((page) => ids(page).length)).toEqual([5, 5, 2]);
      expect(found.flatMap((page) => ids(page)).toSorted()).toEqual(mixed.map((each) => each.id));
    });
  });
});
