import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { a, concept, to } from './resources.ts';
import { ids, pages, put, type Searchset } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#contained */
const acme = 'http://acme.com/medications';
const medication = (id: string, code: string, status?: string) => ({
  resourceType: 'Medication',
  id,
  ...(status && { status }),
  code: concept(acme, `product-${code}`),
  manufacturer: to('Organization/maker'),
  ingredient: [
    {
      itemCodeableConcept: concept(acme, code),
      strength: { numerator: { value: 1.5 }, denominator: { value: 1 } },
    },
  ],
});
const request = (id: string, ...contained: { id: string }[]) =>
  a('MedicationRequest', id, {
    subject: to('Patient/p'),
    contained,
    medicationReference: to(`#${contained[0]!.id}`),
    ...(contained.length > 1 && {
      supportingInformation: contained.slice(1).map((each) => to(`#${each.id}`)),
    }),
  });

const given = [
  a('Patient', 'p'),
  a('Organization', 'maker', { name: 'Acme Works' }),
  a('Medication', 'own', medication('own', 'abc')),
  request('23', medication('m1', 'abc', 'active')),
  request('24', medication('m1', 'abd')),
  request('25', medication('m1', 'abc'), medication('m2', 'abc'), medication('m3', 'xyz')),
  a('MedicationRequest', 'plain', { subject: to('Patient/p'), medicationReference: to('Medication/own') }),
];

const fullUrls = ({ entry = [] }: Searchset, base: string) =>
  entry.map(({ fullUrl }) => fullUrl!.slice(base.length + 1)).sort();

onEachEngine((server) => {
  beforeAll(() => put(server, given));
  const searchset = async (search: string): Promise<Searchset> => (await server.get(search).expect(200)).body;

  test('"A chained condition will be evaluated inside contained resources"', async () => {
    const found = async (query: string) => ids(await searchset(`/MedicationRequest?${query}`)).sort();
    expect(await found('medication.ingredient-code=abc')).toEqual(['23', '25', 'plain']);
    expect(await found(`medication:Medication.ingredient-code=${acme}|abd`)).toEqual(['24']);
    expect(await found('medication.manufacturer.name=acme')).toEqual(['23', '24', '25', 'plain']);
    expect(await found('medication.ingredient-code:not=abc')).toEqual(['24']);
    expect(await found('medication.status:missing=false')).toEqual(['23']);
    expect(await found('medication.ingredient-code=nothing')).toEqual([]);
  });

  test('_contained=false is the default: "search results only include resources that are not contained"', async () => {
    expect(ids(await searchset('/Medication?ingredient-code=abc'))).toEqual(['own']);
    expect(ids(await searchset('/Medication?ingredient-code=abc&_contained=false'))).toEqual(['own']);
  });

  describe('_contained=true: "return only contained resources"', () => {
    test('in their containers, which is the default', async () => {
      for (const type of ['', '&_containedType=container']) {
        const found = await searchset(`/Medication?ingredient-code=abc&_contained=true${type}`);
        expect(fullUrls(found, server.base)).toEqual(['MedicationRequest/23', 'MedicationRequest/25']);
        expect(found.entry!.map(({ search }) => search.mode)).toEqual(['match', 'match']);
      }
    });

    test('alone: "the fullUrl informs the client that this is a contained resource"', async () => {
      const found = await searchset(
        '/Medication?ingredient-code=abc&_contained=true&_containedType=contained',
      );
      expect(fullUrls(found, server.base)).toEqual([
        'MedicationRequest/23#m1',
        'MedicationRequest/25#m1',
        'MedicationRequest/25#m2',
      ]);
      expect(found.total).toBe(3);
      const one = found.entry!.find(({ fullUrl }) => fullUrl!.endsWith('23#m1'))!;
      expect(one.resource).toEqual(medication('m1', 'abc', 'active'));
    });

    test('what it must not have', async () => {
      const found = await searchset('/Medication?status:missing=true&ingredient-code=abd&_contained=true');
      expect(fullUrls(found, server.base)).toEqual(['MedicationRequest/24']);
      const none = await searchset('/Medication?ingredient-code:not=abc&_contained=true');
      expect(fullUrls(none, server.base)).toEqual(['MedicationRequest/24']);
    });

    test('and on from there', async () => {
      const found = await searchset(
        '/Medication?manufacturer.name=acme&ingredient-code=abd&_contained=true&_containedType=contained',
      );
      expect(fullUrls(found, server.base)).toEqual(['MedicationRequest/24#m1']);
      expect(ids(await searchset('/Medication?manufacturer.name=nobody&_contained=true'))).toEqual([]);
    });

    test('counted and in pages', async () => {
      const query = '/Medication?ingredient-code=abc&_contained=true&_containedType=contained';
      expect((await searchset(`${query}&_summary=count`)).total).toBe(3);
      expect((await searchset('/Medication?ingredient-code=abc&_contained=true&_summary=count')).total).toBe(
        2,
      );
      const found = await pages(server, `${query}&_count=2`);
      expect(found.flatMap((page) => fullUrls(page, server.base)).sort()).toEqual([
        'MedicationRequest/23#m1',
        'MedicationRequest/25#m1',
        'MedicationRequest/25#m2',
      ]);
      for (const page of found) expect(page.entry!.length).toBeLessThanOrEqual(2);
    });
  });

  describe('_contained=both: "return both contained and non-contained (normal) resources"', () => {
    test('in their containers', async () => {
      const found = await searchset('/Medication?ingredient-code=abc&_contained=both');
      expect(fullUrls(found, server.base)).toEqual([
        'Medication/own',
        'MedicationRequest/23',
        'MedicationRequest/25',
      ]);
    });

    test('alone', async () => {
      const found = await searchset(
        '/Medication?ingredient-code=abc&_contained=both&_containedType=contained',
      );
      expect(fullUrls(found, server.base)).toEqual([
        'Medication/own',
        'MedicationRequest/23#m1',
        'MedicationRequest/25#m1',
        'MedicationRequest/25#m2',
      ]);
    });
  });

  test.each(['_contained=some', '_containedType=none'])('%s is refused', async (query) => {
    await server.get(`/Medication?${query}`).expect(400);
  });
});
