import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

const project = 'https://w3id.org/zhuanzhen';
const clinical = 'urn:oid:2.16.156.10011.2.3.3.11.3';
const wards = 'https://yongan.example/CodeSystem/wards';

/** A code system that a hospital has stored: two levels, one concept that only groups, one that is out of use. */
const wardSystem = {
  resourceType: 'CodeSystem',
  id: 'wards',
  url: wards,
  version: '2',
  name: 'Wards',
  title: '病区',
  language: 'zh-CN',
  status: 'active',
  content: 'complete',
  caseSensitive: true,
  hierarchyMeaning: 'is-a',
  property: [
    { code: 'floor', type: 'integer' },
    { code: 'notSelectable', type: 'boolean' },
  ],
  concept: [
    {
      code: 'internal',
      display: '内科',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'cardiology',
          display: '心血管内科',
          definition: '心脏和血管的疾病',
          designation: [{ language: 'en', value: 'Cardiology' }],
          property: [{ code: 'floor', valueInteger: 3 }],
        },
        { code: 'stroke-unit', display: '卒中单元', property: [{ code: 'floor', valueInteger: 4 }] },
      ],
    },
    {
      code: 'observation',
      display: '留观',
      property: [
        { code: 'floor', valueInteger: 1 },
        { code: 'status', valueCode: 'retired' },
      ],
    },
  ],
};

function valueSet(id: string, compose: object): Resource {
  return {
    resourceType: 'ValueSet',
    id,
    url: `https://yongan.example/ValueSet/${id}`,
    status: 'active',
    compose,
  };
}

onEachEngine((server) => {
  beforeAll(async () => {
    for (const resource of [
      wardSystem,
      valueSet('all-wards', { include: [{ system: wards }] }),
      valueSet('internal-wards', {
        include: [{ system: wards, filter: [{ property: 'concept', op: 'is-a', value: 'internal' }] }],
      }),
      valueSet('beds', {
        include: [{ valueSet: ['https://yongan.example/ValueSet/all-wards'] }],
        exclude: [{ system: wards, concept: [{ code: 'observation' }, { code: 'internal' }] }],
      }),
    ] as Resource[])
      await server.put(`/${resource.resourceType}/${resource.id}`, resource).expect(201);
  });

  const get = async (path: string, status = 200) => (await server.get(path).expect(status)).body;
  const expand = (query: string, status = 200) => get(`/ValueSet/$expand?${query}`, status);
  const codes = (expanded: Resource) =>
    ((expanded.expansion as Element).contains as { code: string }[] | undefined)?.map(({ code }) => code) ??
    [];
  const parameter = (answer: Resource, name: string) => {
    const found = (answer.parameter as Element[]).find((each) => each.name === name);
    const member = Object.keys(found ?? {}).find((key) => key.startsWith('value'));
    return member && found![member];
  };
  const post = async (path: string, ...given: Element[]) =>
    (await server.post(path, { resourceType: 'Parameters', parameter: given }).expect(200)).body;

  describe('ValueSet/$expand', () => {
    test('lists the codes of a value set of R4', async () => {
      const body = await expand('url=http://hl7.org/fhir/ValueSet/administrative-gender');
      expect(codes(body)).toEqual(['male', 'female', 'other', 'unknown']);
      expect(body.expansion).toMatchObject({ total: 4, offset: 0 });
      expect(body.expansion.contains[0]).toMatchObject({
        system: 'http://hl7.org/fhir/administrative-gender',
        display: 'Male',
      });
    });

    test('lists what a client has stored, below one concept', async () => {
      const body = await get('/ValueSet/internal-wards/$expand');
      expect(codes(body)).toEqual(['internal', 'cardiology', 'stroke-unit']);
      expect(body.expansion.contains[0]).toMatchObject({ abstract: true, version: '2' });
    });

    test('takes in other value sets and leaves out what is excluded', async () => {
      expect(codes(await expand('url=https://yongan.example/ValueSet/beds'))).toEqual([
        'cardiology',
        'stroke-unit',
      ]);
    });

    test('by pages that lose nothing', async () => {
      const all = codes(await expand(`url=${project}/ValueSet/referral-rule`));
      const paged: string[] = [];
      for (let offset = 0; offset < all.length; offset += 7)
        paged.push(...codes(await expand(`url=${project}/ValueSet/referral-rule&count=7&offset=${offset}`)));
      expect(paged).toEqual(all);
      const none = await expand(`url=${project}/ValueSet/referral-rule&count=0`);
      expect(none.expansion).toMatchObject({ total: all.length });
      expect(codes(none)).toEqual([]);
    });

    test.each([
      ['Chinese', '卒中', ['stroke-unit']],
      ['the start of a code', 'card', ['cardiology']],
      ['a designation, in any case', 'CARDIO', ['cardiology']],
      ['the first letters of its pinyin', 'xxg', ['cardiology']],
      ['nothing that there is', '儿科', []],
    ])('finds by %s', async (_, text, found) => {
      const body = await expand(
        `url=https://yongan.example/ValueSet/all-wards&filter=${encodeURIComponent(text)}`,
      );
      expect(codes(body)).toEqual(found);
    });

    test('in a language, with designations, without what is out of use', async () => {
      const body = await expand(
        'url=https://yongan.example/ValueSet/all-wards&displayLanguage=en&includeDesignations=true&activeOnly=true',
      );
      expect(codes(body)).not.toContain('observation');
      expect(body.expansion.contains[1]).toMatchObject({
        display: 'Cardiology',
        designation: [{ language: 'en', value: 'Cardiology' }],
      });
    });

    test('of a value set that is sent along, by itself or as a parameter', async () => {
      const sent = valueSet('sent', {
        include: [{ system: wards, filter: [{ property: 'floor', op: '=', value: '4' }] }],
      });
      expect(codes((await server.post('/ValueSet/$expand', sent).expect(200)).body)).toEqual(['stroke-unit']);
      expect(codes(await post('/ValueSet/$expand', { name: 'valueSet', resource: sent }))).toEqual([
        'stroke-unit',
      ]);
    });

    test('by the structure of the codes of ICD-10', async () => {
      const sent = valueSet('hypertension', {
        include: [{ system: clinical, filter: [{ property: 'concept', op: 'is-a', value: 'I10' }] }],
      });
      const { body } = await server.post('/ValueSet/$expand', sent).expect(200);
      expect(codes(body)).toContain('I10');
      expect(codes(body).every((code) => code.startsWith('I10'))).toBe(true);
      expect(codes(body).length).toBeGreaterThan(1);
      expect(body.expansion.parameter).toContainEqual({ name: 'used-fragment', valueUri: clinical });
    });

    test.each([
      ['that is not there', 'url=https://yongan.example/ValueSet/none', 404, 'not-found'],
      ['whose codes are not here', 'url=http://hl7.org/fhir/ValueSet/languages%7C9', 404, 'not-found'],
      [
        'of a system that is kept elsewhere',
        'url=http://hl7.org/fhir/ValueSet/condition-code',
        422,
        'not-supported',
      ],
      ['of nobody knows what', 'filter=x', 400, 'required'],
      [
        'with a count that is none',
        'url=http://hl7.org/fhir/ValueSet/administrative-gender&count=-1',
        400,
        'invalid',
      ],
      ['with a parameter that there is not', 'url=x&contains=y', 400, 'not-supported'],
    ])('refuses one %s', async (_, query, status, code) => {
      expect((await expand(query, status)).issue).toMatchObject([{ severity: 'error', code }]);
    });
  });

  describe('CodeSystem/$lookup', () => {
    test('says what a code is', async () => {
      const body = await get(`/CodeSystem/$lookup?system=${wards}&code=cardiology&displayLanguage=en`);
      expect(parameter(body, 'name')).toBe('病区');
      expect(parameter(body, 'version')).toBe('2');
      expect(parameter(body, 'display')).toBe('Cardiology');
      const properties = (body.parameter as { name: string; part: Element[] }[])
        .filter(({ name }) => name === 'property')
        .map(({ part }) => part);
      expect(properties).toContainEqual([
        { name: 'code', valueCode: 'parent' },
        { name: 'value', valueCode: 'internal' },
      ]);
      expect(properties).toContainEqual([
        { name: 'code', valueCode: 'floor' },
        { name: 'value', valueInteger: 3 },
      ]);
    });

    test('of a coding, and only the properties asked for', async () => {
      const body = await post(
        '/CodeSystem/$lookup',
        { name: 'coding', valueCoding: { system: wards, code: 'internal' } },
        { name: 'property', valueCode: 'child' },
      );
      expect((body.parameter as Element[]).filter(({ name }) => name === 'property')).toHaveLength(2);
    });

    test.each([
      ['a code that there is not', `system=${wards}&code=oncology`, 404, /没有代码 oncology/],
      ['a code of which nothing is known here', `system=${clinical}&code=Z99.9`, 404, /部分代码/],
      ['a system that there is not', 'system=urn:none&code=x', 404, /urn:none/],
      ['no system', 'code=x', 400, /system/],
      ['no code', `system=${wards}`, 400, /code/],
    ])('refuses %s', async (_, query, status, text) => {
      const { issue } = await get(`/CodeSystem/$lookup?${query}`, status);
      expect(issue[0].details.text).toMatch(text);
    });
  });

  describe('$validate-code', () => {
    test.each([
      ['a code of the set', 'CodeSystem', `url=${wards}&code=cardiology`, true, undefined],
      ['with its display', 'CodeSystem', `url=${wards}&code=cardiology&display=心血管内科`, true, undefined],
      [
        'with a designation for display',
        'CodeSystem',
        `url=${wards}&code=cardiology&display=cardiology`,
        true,
        undefined,
      ],
      [
        'with another display',
        'CodeSystem',
        `url=${wards}&code=cardiology&display=肿瘤科`,
        false,
        /心血管内科/,
      ],
      ['a code that there is not', 'CodeSystem', `url=${wards}&code=oncology`, false, /不在/],
      [
        'a code in a value set',
        'ValueSet',
        `url=https://yongan.example/ValueSet/beds&system=${wards}&code=stroke-unit`,
        true,
        undefined,
      ],
      [
        'a code that is excluded',
        'ValueSet',
        `url=https://yongan.example/ValueSet/beds&system=${wards}&code=observation`,
        false,
        /不在/,
      ],
      [
        'a code without system, where only one is meant',
        'ValueSet',
        'url=https://yongan.example/ValueSet/internal-wards&code=cardiology',
        true,
        undefined,
      ],
      [
        'a unit, by its grammar',
        'ValueSet',
        'url=http://hl7.org/fhir/ValueSet/ucum-units&system=http://unitsofmeasure.org&code=mm%5BHg%5D',
        true,
        undefined,
      ],
    ])('%s', async (_, type, query, result, message) => {
      const body = await get(encodeURI(decodeURI(`/${type}/$validate-code?${query}`)));
      expect(parameter(body, 'result')).toBe(result);
      if (message) expect(parameter(body, 'message')).toMatch(message);
    });

    test('of a concept one coding is enough', async () => {
      const codeableConcept = {
        coding: [
          { system: 'urn:local', code: '1' },
          { system: wards, code: 'cardiology' },
        ],
      };
      const given = { name: 'codeableConcept', valueCodeableConcept: codeableConcept };
      const body = await post('/ValueSet/beds/$validate-code', given);
      expect(parameter(body, 'result')).toBe(true);
    });
  });

  test.each([
    ['internal', 'cardiology', 'subsumes'],
    ['cardiology', 'internal', 'subsumed-by'],
    ['cardiology', 'cardiology', 'equivalent'],
    ['cardiology', 'observation', 'not-subsumed'],
  ])('CodeSystem/$subsumes: %s and %s are %s', async (codeA, codeB, outcome) => {
    const body = await get(`/CodeSystem/$subsumes?system=${wards}&codeA=${codeA}&codeB=${codeB}`);
    expect(parameter(body, 'outcome')).toBe(outcome);
    const same = await get(`/CodeSystem/wards/$subsumes?codeA=${codeA}&codeB=${codeB}`);
    expect(parameter(same, 'outcome')).toBe(outcome);
  });

  describe('ConceptMap/$translate', () => {
    const elements = 'urn:oid:2.16.156.10011.2.2.1';
    const map = `${project}/ConceptMap/data-element-to-loinc`;
    const concepts = (body: Resource) =>
      (body.parameter as { name: string; part: Element[] }[])
        .filter(({ name }) => name === 'match')
        .map(({ part }) => (part.find(({ name }) => name === 'concept')!.valueCoding as Element).code);

    test('by a map, there and back', async () => {
      const there = await get(`/ConceptMap/$translate?url=${map}&system=${elements}&code=DE04.10.174.00`);
      expect(parameter(there, 'result')).toBe(true);
      expect(concepts(there)).toEqual(['8480-6']);
      const back = await get(
        `/ConceptMap/$translate?url=${map}&system=http://loinc.org&code=8480-6&reverse=true`,
      );
      expect(concepts(back)).toContain('DE04.10.174.00');
    });

    test('by all maps to a system, where none is named', async () => {
      const body = await get(
        `/ConceptMap/$translate?system=${elements}&code=DE04.10.174.00&targetsystem=http://loinc.org`,
      );
      expect(concepts(body)).toEqual(['8480-6']);
    });

    test('says so when there is none', async () => {
      const body = await get(`/ConceptMap/data-element-to-loinc/$translate?system=${elements}&code=DE00`);
      expect(parameter(body, 'result')).toBe(false);
      expect(parameter(body, 'message')).toMatch(/没有对照/);
    });
  });
});
