import { beforeAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const to = (reference: string) => ({ reference });
const code = { text: 'x' };

/** The records of two patients: the first has been seen twice, by a doctor who stands in a role of a hospital. */
const records = [
  { resourceType: 'Organization', id: 'hospital', name: '县人民医院' },
  { resourceType: 'Practitioner', id: 'wang' },
  {
    resourceType: 'PractitionerRole',
    id: 'role',
    practitioner: to('Practitioner/wang'),
    organization: to('Organization/hospital'),
  },
  { resourceType: 'Patient', id: 'p1' },
  { resourceType: 'Patient', id: 'p2' },
  {
    resourceType: 'Coverage',
    id: 'insurance',
    status: 'active',
    beneficiary: to('Patient/p1'),
    payor: [to('Patient/p1')],
  },
  {
    resourceType: 'Encounter',
    id: 'visit',
    status: 'finished',
    class: { code: 'AMB' },
    subject: to('Patient/p1'),
    period: { start: '2026-03-01', end: '2026-03-02' },
  },
  {
    resourceType: 'Observation',
    id: 'old',
    status: 'final',
    code,
    subject: to('Patient/p1'),
    effectiveDateTime: '2020-05-05',
  },
  {
    resourceType: 'Observation',
    id: 'new',
    status: 'final',
    code,
    subject: to('Patient/p1'),
    performer: [to('PractitionerRole/role')],
    encounter: to('Encounter/visit'),
    effectiveDateTime: '2026-03-01T10:00:00+08:00',
  },
  { resourceType: 'Observation', id: 'undated', status: 'final', code, subject: to('Patient/p1') },
  { resourceType: 'Observation', id: 'other', status: 'final', code, subject: to('Patient/p2') },
  { resourceType: 'Task', id: 'task', status: 'draft', intent: 'order', for: to('Patient/p1') },
];

onEachEngine((server) => {
  beforeAll(async () => {
    const entry = records.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
  });

  interface Entry {
    resource: { resourceType: string; id: string };
    search: { mode: string };
  }
  const idsOf = (entries: Entry[] = [], mode?: string) =>
    entries
      .filter(({ search }) => mode === undefined || search.mode === mode)
      .map(({ resource }) => resource.id)
      .sort();
  const everything = async (path: string) => (await server.get(path).expect(200)).body;

  test('is the patient, all of the compartment, and what is needed to understand it', async () => {
    const bundle = await everything('/Patient/p1/$everything');
    expect(bundle.type).toBe('searchset');
    expect(idsOf(bundle.entry, 'match')).toEqual([
      'insurance',
      'new',
      'old',
      'p1',
      'task',
      'undated',
      'visit',
    ]);
    expect(idsOf(bundle.entry, 'include')).toEqual(['hospital', 'role', 'wang']);
    expect(bundle.link.map(({ relation }: { relation: string }) => relation)).toEqual(['self']);
  });

  test('can be asked for by POST', async () => {
    const { body } = await server
      .post('/Patient/p2/$everything', {
        resourceType: 'Parameters',
        parameter: [{ name: '_type', valueCode: 'Patient' }],
      })
      .expect(200);
    expect(idsOf(body.entry)).toEqual(['p2']);
  });

  test('between two dates of care: what has no date is not left out', async () => {
    const { entry } = await everything('/Patient/p1/$everything?start=2026-01-01&end=2026-12-31');
    expect(idsOf(entry, 'match')).toEqual(['insurance', 'new', 'p1', 'task', 'undated', 'visit']);
    expect(idsOf((await everything('/Patient/p1/$everything?end=2020-12-31')).entry, 'match')).toEqual([
      'insurance',
      'old',
      'p1',
      'task',
      'undated',
    ]);
  });

  test('of some types: members of the compartment, and what they refer to', async () => {
    expect(idsOf((await everything('/Patient/p1/$everything?_type=Observation,Encounter')).entry)).toEqual([
      'new',
      'old',
      'undated',
      'visit',
    ]);
    expect(idsOf((await everything('/Patient/p1/$everything?_type=Practitioner&_type=Task')).entry)).toEqual([
      'task',
      'wang',
    ]);
  });

  test('changed since an instant', async () => {
    const { body } = await server
      .put('/Observation/new', { ...records.find(({ id }) => id === 'new')!, status: 'amended' })
      .expect(200);
    const since = encodeURIComponent(body.meta.lastUpdated);
    expect(idsOf((await everything(`/Patient/p1/$everything?_since=${since}`)).entry)).toEqual(['new']);
    expect((await everything('/Patient/p1/$everything?_since=2999-01-01T00:00:00Z')).entry).toBeUndefined();
  });

  test('page by page, each member once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/Patient/p1/$everything?_count=2';
    while (path) {
      const bundle: { entry: Entry[]; link: { relation: string; url: string }[] } = await everything(path);
      const members = idsOf(bundle.entry, 'match');
      expect(members.length).toBeLessThanOrEqual(2);
      seen.push(...members);
      path = bundle.link.find(({ relation }) => relation === 'next')?.url.slice(server.base.length);
    }
    expect(seen.sort()).toEqual(['insurance', 'new', 'old', 'p1', 'task', 'undated', 'visit']);
  });

  test('on the type: of all patients', async () => {
    const { entry } = await everything('/Patient/$everything');
    expect(idsOf(entry, 'match')).toEqual([
      'insurance',
      'new',
      'old',
      'other',
      'p1',
      'p2',
      'task',
      'undated',
      'visit',
    ]);
  });

  test('of an encounter', async () => {
    const { entry } = await everything('/Encounter/visit/$everything');
    expect(idsOf(entry, 'match')).toEqual(['new', 'visit']);
    expect(idsOf(entry, 'include')).toEqual(['hospital', 'p1', 'role', 'wang']);
    await server.get('/Encounter/$everything').expect(404);
  });

  test('of a patient who is not there is 404, of one who was deleted 410', async () => {
    await server.get('/Patient/nobody/$everything').expect(404);
    await server.put('/Patient/leaves', { resourceType: 'Patient', id: 'leaves' }).expect(201);
    await server.delete('/Patient/leaves').expect(204);
    await server.get('/Patient/leaves/$everything').expect(410);
  });

  test.each([
    'start=yesterday',
    '_count=0',
    '_count=x',
    '_type=Nothing',
    'colour=red',
    '_cursor=AAAA',
    '_since=x',
  ])('%s is refused with 400', async (query) => {
    await server.get(`/Patient/p1/$everything?${query}`).expect(400);
  });
});
