import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { a, concept, to, ucum } from './resources.ts';
import { ids, pages, put, remove } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#sort */
interface Order {
  of: string;
  given: readonly Resource[];
  /** Ids in ascending order; what has no value comes first. */
  by: Record<string, string>;
}

const mass = (id: string, value: number, code: string) =>
  a('Observation', id, { valueQuantity: { value, unit: code, system: ucum, code } });

const orders: Order[] = [
  {
    of: 'strings, "on a case-insensitive basis", accents ignored',
    given: [
      a('Patient', 'p1', { name: [{ family: 'bond' }] }),
      a('Patient', 'p2', { name: [{ family: 'Adams' }] }),
      a('Patient', 'p3', { name: [{ family: 'Ćosić' }] }),
      a('Patient', 'p4', { name: [{ family: 'Dent' }] }),
      a('Patient', 'p5'),
    ],
    by: { family: 'p5 p2 p1 p3 p4' },
  },
  {
    of: 'dates, by the earliest instant that they state',
    given: [
      a('Observation', 'o1', { effectiveDateTime: '2013-01-14T10:00:00Z' }),
      a('Observation', 'o2', { effectiveDateTime: '2013-01-14T12:00:00+08:00' }),
      a('Observation', 'o3', { effectiveDateTime: '2012' }),
      a('Observation', 'o4', { effectivePeriod: { start: '2013-02-01', end: '2013-03-01' } }),
      a('Observation', 'o5'),
    ],
    by: { date: 'o5 o3 o2 o1 o4' },
  },
  {
    of: 'numbers by their value',
    given: [10, 9, -1, 0.5, 100].map((factorOverride) =>
      a('ChargeItem', `c${factorOverride}`, { factorOverride }),
    ),
    by: { 'factor-override': 'c-1 c0.5 c9 c10 c100' },
  },
  {
    of: 'quantities across units',
    given: [mass('m1', 2, 'g'), mass('m2', 500, 'mg'), mass('m3', 1, 'kg'), mass('m4', 600, 'mg')],
    by: { 'value-quantity': 'm2 m4 m1 m3' },
  },
  {
    of: 'tokens by their code',
    given: [
      a('Condition', 'x1', { code: concept('http://b.org', 'b') }),
      a('Condition', 'x2', { code: concept('http://a.org', 'c') }),
      a('Condition', 'x3', { code: concept('http://c.org', 'A') }),
      a('Condition', 'x4'),
    ],
    by: { code: 'x4 x3 x1 x2' },
  },
  {
    of: 'references',
    given: ['Patient/b', 'Patient/a', 'Group/z'].map((subject, n) =>
      a('Observation', `r${n}`, { subject: to(subject) }),
    ),
    by: { subject: 'r2 r1 r0' },
  },
  {
    of: 'URIs',
    given: ['http://b.org', 'http://a.org/2', 'http://a.org/1'].map((url, n) =>
      a('Library', `u${n}`, { url }),
    ),
    by: { url: 'u2 u1 u0' },
  },
  {
    of: 'ids',
    given: ['b', 'a', 'B', '10', '9'].map((id) => a('Patient', id)),
    by: { _id: '10 9 B a b' },
  },
  {
    of: 'several values: "the item in the set of multiple parameters that comes earliest in the specified sort order"',
    given: [
      a('Patient', 'wide', { name: [{ given: ['Zoe', 'Adam'] }] }),
      a('Patient', 'middle', { name: [{ given: ['Mary'] }] }),
    ],
    by: { given: 'wide middle' },
  },
];

onEachEngine((server) => {
  for (const { of, given, by } of orders) {
    describe(of, () => {
      beforeAll(() => put(server, given));
      afterAll(() => remove(server, given));
      const type = given[0]!.resourceType;

      for (const [name, ascending] of Object.entries(by)) {
        const expected = ascending.split(' ');
        const isWide = expected.includes('wide');

        test(`_sort=${name}`, async () => {
          const { body } = await server.get(`/${type}?_sort=${name}`).expect(200);
          expect(ids(body)).toEqual(expected);
        });

        test(`_sort=-${name}`, async () => {
          const { body } = await server.get(`/${type}?_sort=-${name}`).expect(200);
          expect(ids(body)).toEqual(isWide ? expected : expected.toReversed());
        });

        test(`_sort=${name}, one on a page`, async () => {
          const found = await pages(server, `/${type}?_sort=${name}&_count=1`);
          expect(found.flatMap((page) => ids(page))).toEqual(expected);
        });
      }
    });
  }

  describe('several rules "in priority order"', () => {
    const given = [
      a('Observation', 'a', { status: 'final', effectiveDateTime: '2020-01-01' }),
      a('Observation', 'b', { status: 'final', effectiveDateTime: '2021-01-01' }),
      a('Observation', 'c', { status: 'amended', effectiveDateTime: '2019-01-01' }),
      a('Observation', 'd', { status: 'final' }),
      a('Observation', 'e', { status: 'final', effectiveDateTime: '2021-01-01' }),
    ];
    beforeAll(() => put(server, given));
    afterAll(() => remove(server, given));

    test.each([
      ['status,-date', 'c b e a d'],
      ['-status,date', 'd a b e c'],
      ['status,date', 'c d a b e'],
      ['-status,-date,-_id', 'e b a d c'],
      ['date,status', 'd c a b e'],
      ['status', 'c a b d e'],
    ])('_sort=%s gives %s; ties are broken by id', async (sort, expected) => {
      for (const count of [10, 2, 1]) {
        const found = await pages(server, `/Observation?_sort=${sort}&_count=${count}`);
        expect(found.flatMap((page) => ids(page))).toEqual(expected.split(' '));
      }
    });

    test('_sort and filters work together: "only the latest resource that meets a particular criteria"', async () => {
      const { body } = await server.get('/Observation?status=final&_sort=-date&_count=1').expect(200);
      expect(ids(body)).toEqual(['b']);
    });
  });

  test('_sort=_lastUpdated is the order of the writes', async () => {
    const names = ['third', 'first', 'second'];
    for (const name of names) await put(server, [a('Group', name)]);
    expect(ids((await server.get('/Group?_sort=_lastUpdated,_id').expect(200)).body).at(0)).toBe(names[0]);
    expect(ids((await server.get('/Group?_sort=-_lastUpdated').expect(200)).body)).toHaveLength(3);
  });

  test.each(['code-value-quantity', '_text', 'nonsense', 'patient.name'])(
    '_sort=%s is refused: what cannot be sorted by',
    async (name) => {
      const { body } = await server.get(`/Observation?_sort=${name}`).expect(400);
      expect(body.issue[0].details.text).toContain(name);
    },
  );
});
