import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const to = (reference: string) => ({ reference });
const records = [
  {
    resourceType: 'Patient',
    id: 'p1',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">王芳</div>' },
    name: [{ family: '王', given: ['芳'] }],
    gender: 'female',
    photo: [{ title: 'portrait' }],
  },
  { resourceType: 'Patient', id: 'p2', name: [{ family: '李' }], gender: 'male' },
  ...['o1', 'o2', 'o3'].map((id, at) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: '血压' },
    subject: to('Patient/p1'),
    effectiveDateTime: `2026-03-0${at + 1}`,
    note: [{ text: 'x' }],
  })),
  {
    resourceType: 'Observation',
    id: 'o4',
    status: 'final',
    code: { text: '体重' },
    subject: to('Patient/p2'),
  },
  { resourceType: 'Condition', id: 'c1', subject: to('Patient/p1') },
];

interface Bundle {
  total?: number;
  entry?: {
    resource: Record<string, unknown> & { id: string };
    search: { mode: string };
    fullUrl?: string;
  }[];
  link: { relation: string; url: string }[];
}

/** http://hl7.org/fhir/R4/http.html#search and http://hl7.org/fhir/R4/search.html */
onEachEngine((server) => {
  beforeAll(async () => {
    const entry = records.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
  });

  const search = async (path: string): Promise<Bundle> => (await server.get(path).expect(200)).body;
  const ids = ({ entry = [] }: Bundle, mode?: string) =>
    entry
      .filter((each) => mode === undefined || each.search.mode === mode)
      .map(({ resource }) => resource.id);
  const sorted = (bundle: Bundle, mode?: string) => ids(bundle, mode).sort();

  describe('where is searched', () => {
    test('a type, by GET and by POST with parameters in the address and the body alike', async () => {
      expect(sorted(await search('/Observation?subject=Patient/p1'))).toEqual(['o1', 'o2', 'o3']);
      const { body } = await server
        .post('/Observation/_search?subject=Patient/p1')
        .type('form')
        .send({ date: '2026-03-02' })
        .expect(200);
      expect(ids(body)).toEqual(['o2']);
      await server.post('/Observation/_search').expect(200);
    });

    test('the system: "if no type is specified, the only search parameters that can be used are the base parameters"', async () => {
      expect(sorted(await search('/?_id=p1,o1,c1'))).toEqual(['c1', 'o1', 'p1']);
      await server.get('/?subject=Patient/p1').expect(400);
    });

    test('several types: "any search parameters shared across the entire set may be used"', async () => {
      expect(sorted(await search('/?_type=Observation,Condition&subject=Patient/p1'))).toEqual([
        'c1',
        'o1',
        'o2',
        'o3',
      ]);
      await server.get('/?_type=Observation,Patient&subject=Patient/p1').expect(400);
      await server.get('/?_type=Nothing').expect(400);
    });

    test('the system by POST', async () => {
      const { body } = await server
        .post('/_search')
        .type('form')
        .send({ _type: 'Patient', _id: 'p1,o1' })
        .expect(200);
      expect(ids(body)).toEqual(['p1']);
    });

    test('a compartment: one type of it, or all', async () => {
      expect(sorted(await search('/Patient/p1/Observation'))).toEqual(['o1', 'o2', 'o3']);
      expect(sorted(await search('/Patient/p1/Observation?date=2026-03-03'))).toEqual(['o3']);
      expect(sorted(await search('/Patient/p1/*'))).toEqual(['c1', 'o1', 'o2', 'o3', 'p1']);
      expect(sorted(await search('/Patient/p1/*?_type=Condition'))).toEqual(['c1']);
      for (const path of ['/Patient/p1/_search', '/Patient/p1/*/_search'])
        expect(sorted((await server.post(path).type('form').send('').expect(200)).body)).toHaveLength(5);
      const posted = await server
        .post('/Patient/p1/Observation/_search')
        .type('form')
        .send('date=2026-03-03')
        .expect(200);
      expect(ids(posted.body)).toEqual(['o3']);
      await server.get('/Medication/m/Observation').expect(404);
    });
  });

  describe('which page', () => {
    test('_count is how many matches a page has; pages follow each other and hold each match once', async () => {
      const seen: string[] = [];
      let path: string | undefined = '/Observation?_count=2&_sort=_id';
      while (path) {
        const page: Bundle = await search(path);
        seen.push(...ids(page));
        path = page.link.find(({ relation }) => relation === 'next')?.url.slice(server.base.length);
      }
      expect(seen).toEqual(['o1', 'o2', 'o3', 'o4']);
    });

    test('included resources do not count: neither for _count nor for total', async () => {
      const page = await search(
        '/Observation?_count=2&_sort=_id&_include=Observation:subject&_total=accurate',
      );
      expect(ids(page, 'match')).toEqual(['o1', 'o2']);
      expect(ids(page, 'include')).toEqual(['p1']);
      expect(page.total).toBe(4);
    });

    test('"if _count has the value 0, this shall be treated the same as _summary=count"', async () => {
      for (const query of ['_count=0', '_summary=count']) {
        const bundle = await search(`/Observation?${query}`);
        expect(bundle.total).toBe(4);
        expect(bundle.entry).toBeUndefined();
      }
    });

    test('_total: accurate and estimate give it, none does not ask for it', async () => {
      for (const total of ['accurate', 'estimate'])
        expect((await search(`/Observation?_count=1&_total=${total}`)).total).toBe(4);
      expect((await search('/Observation?_count=1&_total=none')).total).toBeUndefined();
      await server.get('/Observation?_total=roughly').expect(400);
    });

    test('the self link says which parameters were used', async () => {
      const { body } = await server
        .get('/Observation?colour=red&subject=Patient/p1')
        .set('Prefer', 'handling=lenient')
        .expect(200);
      expect(body.link[0]).toEqual({
        relation: 'self',
        url: `${server.base}/Observation?subject=Patient%2Fp1`,
      });
      const outcome = body.entry.find(
        (entry: { search: { mode: string } }) => entry.search.mode === 'outcome',
      );
      expect(outcome.resource).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'warning' }],
      });
      await server.get('/Observation?colour=red').set('Prefer', 'handling=strict').expect(400);
    });
  });

  describe('how much of a resource', () => {
    const subsetted = expect.arrayContaining([expect.objectContaining({ code: 'SUBSETTED' })]);
    const first = async (query: string) => {
      const { entry } = await search(`/Patient?_id=p1&${query}`);
      const read = (await server.get(`/Patient/p1?${query}`).expect(200)).body;
      expect(read).toEqual(entry![0]!.resource);
      return read;
    };

    test('_summary=true: the elements that are marked as summary', async () => {
      const patient = await first('_summary=true');
      expect(patient).toMatchObject({ name: [{ family: '王' }], gender: 'female', meta: { tag: subsetted } });
      expect(patient).not.toHaveProperty('photo');
      expect(patient).not.toHaveProperty('text');
    });

    test('_summary=text: "only the text, id, meta, and top-level mandatory elements"', async () => {
      expect(Object.keys(await first('_summary=text')).sort()).toEqual([
        'id',
        'meta',
        'resourceType',
        'text',
      ]);
      const { entry } = await search('/Observation?_id=o1&_summary=text');
      expect(Object.keys(entry![0]!.resource).sort()).toEqual([
        'code',
        'id',
        'meta',
        'resourceType',
        'status',
      ]);
    });

    test('_summary=data: "remove the text element"', async () => {
      const patient = await first('_summary=data');
      expect(patient).toMatchObject({ photo: [{ title: 'portrait' }], meta: { tag: subsetted } });
      expect(patient).not.toHaveProperty('text');
    });

    test('_summary=false: "return all parts of the resource(s)"', async () => {
      const patient = await first('_summary=false');
      expect(patient).toHaveProperty('text');
      expect(patient.meta).not.toHaveProperty('tag');
    });

    test('_elements: those that are named, and the mandatory ones', async () => {
      const patient = await first('_elements=gender,name');
      expect(Object.keys(patient).sort()).toEqual(['gender', 'id', 'meta', 'name', 'resourceType']);
      expect(patient.meta.tag).toEqual(subsetted);
      const { entry } = await search('/Observation?_id=o1&_elements=subject');
      expect(Object.keys(entry![0]!.resource).sort()).toEqual([
        'code',
        'id',
        'meta',
        'resourceType',
        'status',
        'subject',
      ]);
    });

    test('what is stored is not marked', async () => {
      expect((await server.get('/Patient/p1').expect(200)).body.meta).not.toHaveProperty('tag');
    });

    test.each(['_summary=most', '_elements=na$me'])('%s is refused with 400', async (query) => {
      await server.get(`/Patient?${query}`).expect(400);
      await server.get(`/Patient/p1?${query}`).expect(400);
    });

    test('of a version, too', async () => {
      const { body } = await server.get('/Patient/p1/_history/1?_elements=gender').expect(200);
      expect(body).not.toHaveProperty('name');
    });
  });

  test('entries carry fullUrl and mode, and the bundle is a searchset', async () => {
    const { body } = await server.get('/Observation?_id=o4&_include=Observation:subject').expect(200);
    expect(body.type).toBe('searchset');
    expect(body.entry).toMatchObject([
      { fullUrl: `${server.base}/Observation/o4`, search: { mode: 'match' } },
      { fullUrl: `${server.base}/Patient/p2`, search: { mode: 'include' } },
    ]);
  });

  test('"empty parameters are not an error - they are just ignored by the server"', async () => {
    expect((await search('/Observation?code=&subject=Patient/p1')).total).toBe(3);
  });
});
