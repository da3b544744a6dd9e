import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { a, to } from './resources.ts';
import { ids, link, put, remove } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#return, #conformance and #errors */
const given = [
  a('Patient', 'eve', {
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Eve</div>' },
    name: [{ family: 'Lee', given: ['Eve'] }],
    gender: 'female',
    maritalStatus: { text: 'single' },
    contact: [{ name: { family: 'Lee' } }],
  }),
  a('Patient', 'adam', { name: [{ family: 'Lee', given: ['Adam'] }], gender: 'male' }),
  a('Observation', 'o', { subject: to('Patient/eve'), note: [{ text: 'seen' }], effectiveDateTime: '2020' }),
];
const subsetted = expect.arrayContaining([expect.objectContaining({ code: 'SUBSETTED' })]);

onEachEngine((server) => {
  beforeAll(() => put(server, given));

  describe('the answer', () => {
    test('is a Bundle of type searchset with full URLs and modes', async () => {
      const { body, headers } = await server.get('/Patient?gender=female').expect(200);
      expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
      expect(body).toMatchObject({
        resourceType: 'Bundle',
        type: 'searchset',
        total: 1,
        entry: [
          { fullUrl: `${server.base}/Patient/eve`, resource: { id: 'eve' }, search: { mode: 'match' } },
        ],
      });
    });

    test('"An empty search result is not a failure"', async () => {
      const { body } = await server.get('/Patient?family=nobody').expect(200);
      expect(body).toMatchObject({ type: 'searchset', total: 0 });
      expect(body.entry).toBeUndefined();
    });

    test('what was deleted is not found any more, and what was changed is found by its new values alone', async () => {
      await put(server, [a('Patient', 'passing', { name: [{ family: 'Before' }] })]);
      await put(server, [a('Patient', 'passing', { name: [{ family: 'After' }] })]);
      expect(ids((await server.get('/Patient?family=Before')).body)).toEqual([]);
      expect(ids((await server.get('/Patient?family=After')).body)).toEqual(['passing']);
      await remove(server, [a('Patient', 'passing')]);
      expect(ids((await server.get('/Patient?family=After')).body)).toEqual([]);
      expect(ids((await server.get('/Patient?_id=passing')).body)).toEqual([]);
    });
  });

  describe('the self link tells "the parameters that were actually used to process the search"', () => {
    test('all that was understood', async () => {
      const { body } = await server
        .get('/Patient?name=lee&gender:not=male&_sort=-family&_count=5&birthdate=')
        .expect(200);
      const self = new URL(body.link.find((each: { relation: string }) => each.relation === 'self').url);
      expect(self.href.startsWith(`${server.base}/Patient?`)).toBe(true);
      expect([...self.searchParams]).toEqual([
        ['name', 'lee'],
        ['gender:not', 'male'],
        ['_sort', '-family'],
        ['_count', '5'],
      ]);
    });

    test('can be followed, and gives the same', async () => {
      const { body } = await server.get('/Patient?name=lee&_sort=given').expect(200);
      const again = await server.get(link(server, body, 'self')!).expect(200);
      expect(again.body.entry).toEqual(body.entry);
    });

    test('nothing that a lenient search ignored, which a warning names', async () => {
      const { body } = await server
        .get('/Patient?name=eve&nonsense=1&_sort=nothing&_include=Patient:nonsense')
        .set('Prefer', 'handling=lenient')
        .expect(200);
      expect(ids(body)).toEqual(['eve']);
      expect(link(server, body, 'self')).toBe('/Patient?name=eve');
      const outcomes = body.entry.filter(
        (each: { search: { mode: string } }) => each.search.mode === 'outcome',
      );
      expect(outcomes).toHaveLength(1);
      expect(JSON.stringify(outcomes[0].resource)).toContain('nonsense');
      expect(outcomes[0].resource.issue[0].severity).toBe('warning');
    });
  });

  describe('unknown parameters', () => {
    test.each([undefined, 'handling=strict'])(
      'are refused (Prefer: %s), and the valid ones are listed',
      async (prefer) => {
        const asked = server.get('/Patient?nonsense=1');
        const { body } = await (prefer ? asked.set('Prefer', prefer) : asked).expect(400);
        const [issue] = body.issue;
        expect(issue.severity).toBe('error');
        for (const name of ['nonsense', 'birthdate', 'family', '_id', '_lastUpdated', '_has'])
          expect(issue.details.text).toContain(name);
      },
    );

    test('lenient forgives no wrong value and no wrong modifier', async () => {
      for (const search of ['birthdate=someday', 'gender:exact=male', '_count=x'])
        await server.get(`/Patient?${search}`).set('Prefer', 'handling=lenient').expect(400);
    });

    test('"Servers … SHALL refuse to process a search request if they do not recognize the _query parameter value"', async () => {
      await server.get('/Patient?_query=nonsense').expect(400);
      await server.get('/Patient?_query=nonsense').set('Prefer', 'handling=lenient').expect(400);
    });
  });

  describe('POST _search is the same as GET', () => {
    const form = (path: string, body: string) =>
      server.post(path).set('Content-Type', 'application/x-www-form-urlencoded').send(body);

    test.each([
      'name=lee&_sort=given',
      'gender:not=male',
      'name=lee&_count=1',
      '_id=eve,adam&_elements=gender',
    ])('%s', async (query) => {
      const got = await server.get(`/Patient?${query}`).expect(200);
      const posted = await form('/Patient/_search', query).expect(200);
      expect(posted.body).toEqual(got.body);
    });

    test('parameters of the URL and of the body count together', async () => {
      const { body } = await form('/Patient/_search?name=lee', 'gender=male').expect(200);
      expect(ids(body)).toEqual(['adam']);
    });

    test('over all types, and with an empty body', async () => {
      expect(ids((await form('/_search', '_id=eve').expect(200)).body)).toEqual(['eve']);
      expect(ids((await form('/Patient/_search', '').expect(200)).body).sort()).toEqual(['adam', 'eve']);
    });

    test('percent-encoding and + are read as forms write them', async () => {
      expect(ids((await form('/Patient/_search', 'name=%4C%65%65&given=eve').expect(200)).body)).toEqual([
        'eve',
      ]);
      await put(server, [a('Patient', 'spaced', { address: [{ city: 'New Town' }] })]);
      expect(ids((await form('/Patient/_search', 'address-city=new+town').expect(200)).body)).toEqual([
        'spaced',
      ]);
      await remove(server, [a('Patient', 'spaced')]);
    });
  });

  describe('counting', () => {
    test.each(['_summary=count', '_count=0'])(
      '%s "reports the total number of resources that match in Bundle.total, but with no entries, and no prev/next/last links"',
      async (query) => {
        const { body } = await server.get(`/Patient?name=lee&${query}`).expect(200);
        expect(body.total).toBe(2);
        expect(body.entry).toBeUndefined();
        expect(body.link.map((each: { relation: string }) => each.relation)).toEqual(['self']);
      },
    );

    test('_total=accurate counts all matches whatever the page', async () => {
      const { body } = await server.get('/Patient?name=lee&_count=1&_total=accurate').expect(200);
      expect(body.total).toBe(2);
      expect(ids(body)).toHaveLength(1);
      const next = await server.get(link(server, body, 'next')!).expect(200);
      expect(next.body.total).toBe(2);
    });

    test.each(['none', 'estimate'])('_total=%s is understood', async (total) => {
      await server.get(`/Patient?_total=${total}`).expect(200);
    });

    test('_total=many is refused', async () => {
      await server.get('/Patient?_total=many').expect(400);
    });
  });

  describe('parts of resources', () => {
    const first = async (query: string) =>
      (await server.get(`/Patient?_id=eve&${query}`).expect(200)).body.entry[0].resource;

    test('_summary=true: "solely of all supported elements that are marked as summary", tagged SUBSETTED', async () => {
      const resource = await first('_summary=true');
      expect(resource).toMatchObject({
        id: 'eve',
        gender: 'female',
        name: [{ family: 'Lee' }],
        meta: { tag: subsetted },
      });
      for (const member of ['text', 'contact', 'maritalStatus']) expect(resource).not.toHaveProperty(member);
    });

    test('_summary=text: "only the text element, the id element, the meta element, and only top-level mandatory elements"', async () => {
      const resource = await first('_summary=text');
      expect(Object.keys(resource).sort()).toEqual(['id', 'meta', 'resourceType', 'text']);
      const { body } = await server.get('/Observation?_summary=text').expect(200);
      expect(Object.keys(body.entry[0].resource).sort()).toEqual([
        'code',
        'id',
        'meta',
        'resourceType',
        'status',
      ]);
    });

    test('_summary=data: "Remove the text element"', async () => {
      const resource = await first('_summary=data');
      expect(resource).not.toHaveProperty('text');
      expect(resource).toMatchObject({ maritalStatus: { text: 'single' }, meta: { tag: subsetted } });
    });

    test('_summary=false: "all parts", and no tag', async () => {
      const resource = await first('_summary=false');
      expect(resource).toHaveProperty('text');
      expect(resource.meta.tag).toBeUndefined();
    });

    test('_elements: "Only elements that are listed are to be returned", and the mandatory ones', async () => {
      const resource = await first('_elements=gender,maritalStatus');
      expect(Object.keys(resource).sort()).toEqual(['gender', 'id', 'maritalStatus', 'meta', 'resourceType']);
      expect(resource.meta.tag).toEqual(subsetted);
      const { body } = await server.get('/Observation?_elements=subject').expect(200);
      expect(Object.keys(body.entry[0].resource).sort()).toEqual([
        'code',
        'id',
        'meta',
        'resourceType',
        'status',
        'subject',
      ]);
    });

    test('"The list of elements does not apply to included resources"', async () => {
      const { body } = await server
        .get('/Observation?_elements=subject&_include=Observation:subject')
        .expect(200);
      const included = body.entry.find(
        (each: { search: { mode: string } }) => each.search.mode === 'include',
      );
      expect(included.resource).toEqual((await server.get('/Patient/eve')).body);
    });

    test.each(['_summary=all', '_elements=na%20me'])('%s is refused', async (query) => {
      await server.get(`/Patient?${query}`).expect(400);
    });
  });

  describe('searches without a type', () => {
    test('by the parameters of all resources', async () => {
      expect(ids((await server.get('/?_id=eve,o').expect(200)).body).sort()).toEqual(['eve', 'o']);
      await server.get('/?gender=male').expect(400);
    });

    test('_type: "any search parameters shared across the entire set of specified resources may be used"', async () => {
      expect(
        ids((await server.get('/?_type=Patient,Observation&_id=eve,o').expect(200)).body).sort(),
      ).toEqual(['eve', 'o']);
      expect(ids((await server.get('/?_type=Patient&gender=male').expect(200)).body)).toEqual(['adam']);
      expect(
        ids((await server.get('/?_type=Observation,DiagnosticReport&subject=Patient/eve').expect(200)).body),
      ).toEqual(['o']);
      await server.get('/?_type=Patient,Observation&gender=male').expect(400);
      const { body } = await server.get('/?_type=Nothing').expect(400);
      expect(body.issue[0].details.text).toContain('_type');
    });
  });

  describe('_lastUpdated', () => {
    test('selects "resources based on the last time they were changed"', async () => {
      const { body: eve } = await server.get('/Patient/eve').expect(200);
      const instant = encodeURIComponent(eve.meta.lastUpdated);
      const found = async (value: string) =>
        ids((await server.get(`/Patient?_lastUpdated=${value}`).expect(200)).body).sort();
      expect(await found(instant)).toEqual(['adam', 'eve']);
      expect(await found(`ge${instant}`)).toEqual(['adam', 'eve']);
      expect(await found(`gt${instant}`)).toEqual([]);
      expect(await found('gt2010-10-01')).toEqual(['adam', 'eve']);
      expect(await found('lt2010-10-01')).toEqual([]);
      expect(await found('ap2010')).toEqual([]);
      await server.get('/Patient?_lastUpdated=yesterday').expect(400);
    });
  });

  describe('compartments', () => {
    test('Patient/eve/Observation and Patient/eve/*', async () => {
      expect(ids((await server.get('/Patient/eve/Observation').expect(200)).body)).toEqual(['o']);
      expect(ids((await server.get('/Patient/eve/Observation?date=2020').expect(200)).body)).toEqual(['o']);
      expect(ids((await server.get('/Patient/eve/Observation?date=2021').expect(200)).body)).toEqual([]);
      expect(ids((await server.get('/Patient/adam/Observation').expect(200)).body)).toEqual([]);
      expect(ids((await server.get('/Patient/eve/*').expect(200)).body)).toContain('o');
    });
  });
});
