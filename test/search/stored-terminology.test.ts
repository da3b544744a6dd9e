import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { a, concept } from './resources.ts';
import { ids, put } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#token */
const conditions = 'http://acme.org/fhir/CodeSystem/conditions';
const set = (name: string) => `http://acme.org/fhir/ValueSet/${name}`;
const valueSet = (id: string, members: object) =>
  a('ValueSet', id, { url: set(id), name: 'Conditions', ...members });

const given = [
  a('CodeSystem', 'conditions', {
    url: conditions,
    hierarchyMeaning: 'is-a',
    concept: [
      {
        code: 'heart',
        display: 'Heart disease',
        concept: [{ code: 'infarct', display: 'Infarct', concept: [{ code: 'stemi', display: 'STEMI' }] }],
      },
      { code: 'lung', display: 'Lung disease' },
    ],
  }),
  valueSet('listed', {
    compose: { include: [{ system: conditions, concept: [{ code: 'infarct' }, { code: 'lung' }] }] },
  }),
  valueSet('cardiac', {
    compose: {
      include: [{ system: conditions, filter: [{ property: 'concept', op: 'is-a', value: 'heart' }] }],
    },
  }),
  valueSet('all', { compose: { include: [{ system: conditions }] } }),
  valueSet('imports', { compose: { include: [{ valueSet: [set('cardiac')] }] } }),
  valueSet('but', {
    compose: {
      include: [{ valueSet: [set('cardiac')] }],
      exclude: [{ system: conditions, concept: [{ code: 'stemi' }] }],
    },
  }),
  valueSet('expanded', {
    expansion: { timestamp: '2020-01-01', contains: [{ system: conditions, code: 'lung' }] },
  }),
  ...['heart', 'infarct', 'stemi', 'lung'].map((code) =>
    a('Condition', code, { code: concept(conditions, code) }),
  ),
  a('Condition', 'other', { code: concept('http://other.org', 'heart') }),
  a('Condition', 'none'),
];

onEachEngine((server) => {
  beforeAll(() => put(server, given));
  const found = async (query: string) => {
    const { body } = await server.get(`/Condition?${query.replaceAll('|', '%7C')}`).expect(200);
    return ids(body).sort().join(' ');
  };

  describe(':in names a value set of this server by its URL', () => {
    test.each([
      ['listed', 'infarct lung'],
      ['cardiac', 'heart infarct stemi'],
      ['all', 'heart infarct lung stemi'],
      ['imports', 'heart infarct stemi'],
      ['but', 'heart infarct'],
      ['expanded', 'lung'],
    ])('%s finds %s', async (name, expected) => {
      expect(await found(`code:in=${set(name)}`)).toBe(expected);
    });

    test('"The reference may be literal (to an address where the value set can be found)"', async () => {
      expect(await found('code:in=ValueSet/listed')).toBe('infarct lung');
      expect(await found(`code:in=${server.base}/ValueSet/listed`)).toBe('infarct lung');
    });

    test(':not-in finds the rest, "including" what has no code', async () => {
      expect(await found(`code:not-in=${set('cardiac')}`)).toBe('lung none other');
    });

    test('a value set that is not there is refused', async () => {
      await server.get(`/Condition?code:in=${set('nowhere')}`).expect(400);
    });

    test('a change of the value set counts at once', async () => {
      const changing = (code: string) =>
        valueSet('changing', { compose: { include: [{ system: conditions, concept: [{ code }] }] } });
      await put(server, [changing('lung')]);
      expect(await found(`code:in=${set('changing')}`)).toBe('lung');
      await put(server, [changing('stemi')]);
      expect(await found(`code:in=${set('changing')}`)).toBe('stemi');
    });
  });

  test(':below and :above walk along a code system of this server', async () => {
    expect(await found(`code:below=${conditions}|infarct`)).toBe('infarct stemi');
    expect(await found(`code:above=${conditions}|infarct`)).toBe('heart infarct');
  });

  test('_filter does so, too', async () => {
    expect(await found(`_filter=code in ${set('listed')}`)).toBe('infarct lung');
    expect(await found(`_filter=code ss ${conditions}|heart`)).toBe('heart infarct stemi');
  });

  test('along a chain', async () => {
    await put(server, [
      a('Encounter', 'visit', { diagnosis: [{ condition: { reference: 'Condition/stemi' } }] }),
    ]);
    const { body } = await server.get(`/Encounter?diagnosis:Condition.code:in=${set('cardiac')}`).expect(200);
    expect(ids(body)).toEqual(['visit']);
  });
});
