import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

const icd = 'https://yongan.example/CodeSystem/icd-10';

/** A table as long as the national ones: categories, below each of them subcategories, and below those the extensions. */
function concepts(count: number) {
  const named = [
    { code: 'I10', display: '特发性(原发性)高血压' },
    { code: 'I10.x00x002', display: '高血压病' },
    { code: 'I10.x00x023', display: '高血压病1级(高危)' },
    { code: 'I11', display: '高血压心脏病' },
    {
      code: 'I11.900',
      display: '高血压性心脏病',
      designation: [{ language: 'en', value: 'Hypertensive heart disease' }],
    },
    { code: 'K29', display: '胃炎和十二指肠炎' },
    { code: 'K29.500', display: '慢性胃炎' },
    { code: 'A18.000x005+M90.0*', display: '髋关节结核' },
  ];
  const made = Array.from({ length: count - named.length }, (_, n) => ({
    code: `${'BCDFGHLMNOPQRSTZ'[n % 16]}${String(Math.floor(n / 16) % 100).padStart(2, '0')}.${String(Math.floor(n / 1600)).padStart(3, '0')}`,
    display: `第${n}种疾病`,
    property: [{ code: 'chapter', valueString: String(n % 22) }],
  }));
  return [...named, ...made];
}

function codeSystem(version: string, concept: object[], more: object = {}) {
  return {
    ...{ resourceType: 'CodeSystem', url: icd, version, name: 'Icd10', title: 'ICD-10 国家临床版' },
    ...{ status: 'active', language: 'zh-CN', content: 'complete', caseSensitive: true },
    property: [{ code: 'chapter', type: 'string' }],
    concept,
    ...more,
  };
}

onEachEngine((server) => {
  const load = (...parameter: object[]) =>
    server.post('/CodeSystem/$load-codes', { resourceType: 'Parameters', parameter });
  const get = async (path: string, status = 200) => (await server.get(path).expect(status)).body;
  const value = (answer: Resource, name: string) => {
    const found = (answer.parameter as Element[]).find((each) => each.name === name);
    const member = Object.keys(found ?? {}).find((key) => key.startsWith('value'));
    return member && found![member];
  };
  const expand = async (query: string) => {
    const { expansion } = await get(`/ValueSet/$expand?url=https://yongan.example/ValueSet/${query}`);
    return expansion as { total?: number; contains?: { code: string; display: string }[] };
  };
  const codes = async (query: string) => ((await expand(query)).contains ?? []).map(({ code }) => code);
  let head: Resource;

  beforeAll(async () => {
    const all = concepts(40_000);
    let table: string | undefined;
    for (let from = 0; from < all.length; from += 8_000) {
      const part = codeSystem('2.0', all.slice(from, from + 8_000));
      const last = from + 8_000 >= all.length;
      const answer = await load(
        { name: 'codeSystem', resource: part },
        { name: 'last', valueBoolean: last },
        ...(table ? [{ name: 'table', valueString: table }] : []),
      ).expect(200);
      table = value(answer.body, 'table') as string;
      if (last) head = answer.body.parameter.find((each: Element) => each.name === 'codeSystem').resource;
      else expect(value(answer.body, 'count')).toBe(from + 8_000);
    }
    const valueSet = (id: string, include: object) =>
      server
        .put(`/ValueSet/${id}`, {
          ...{ resourceType: 'ValueSet', id, url: `https://yongan.example/ValueSet/${id}`, status: 'active' },
          compose: { include: [{ system: icd, ...include }] },
        })
        .expect(201);
    await valueSet('all', {});
    await valueSet('hypertension', { filter: [{ property: 'concept', op: 'is-a', value: 'I10' }] });
    await valueSet('chapter-3', { filter: [{ property: 'chapter', op: '=', value: '3' }] });
    await valueSet('listed', { concept: [{ code: 'K29.500' }, { code: 'I10' }] });
  }, 300_000);

  test('the CodeSystem that stands for the table says how many codes it has, and holds none', async () => {
    const stored = await get(`/CodeSystem/${head.id}`);
    expect(stored).toMatchObject({ url: icd, version: '2.0', content: 'not-present', count: 40_000 });
    expect(stored).not.toHaveProperty('concept');
    await server.put(`/CodeSystem/${head.id}`, stored).expect(200);
    expect(value(await get(`/CodeSystem/$lookup?system=${icd}&code=I10`), 'display')).toBe(
      '特发性(原发性)高血压',
    );
  });

  describe('$lookup', () => {
    test('gives what the table says of a code, above and below by the structure of ICD-10', async () => {
      const answer = await get(`/CodeSystem/$lookup?system=${icd}&code=I10`);
      expect(value(answer, 'version')).toBe('2.0');
      const properties = (answer.parameter as { name: string; part: Element[] }[])
        .filter(({ name }) => name === 'property')
        .map(({ part }) => part.map(({ valueCode, value }) => valueCode ?? value));
      expect(properties).toEqual([
        ['child', 'I10.x00x002'],
        ['child', 'I10.x00x023'],
      ]);
    });

    test('says that a code is not there', async () => {
      await get(`/CodeSystem/$lookup?system=${icd}&code=I99.999`, 404);
    });
  });

  test.each([
    ['I10', 'I10.x00x023', 'subsumes'],
    ['I10.x00x023', 'I10', 'subsumed-by'],
    ['I10.x00x002', 'I10.x00x023', 'not-subsumed'],
    ['I10', 'I10', 'equivalent'],
  ])('$subsumes: %s and %s', async (a, b, outcome) => {
    const answer = await get(`/CodeSystem/$subsumes?system=${icd}&codeA=${a}&codeB=${b}`);
    expect(value(answer, 'outcome')).toBe(outcome);
  });

  describe('$validate-code', () => {
    test.each([
      [`CodeSystem/$validate-code?url=${icd}&code=K29.500`, true],
      [`CodeSystem/$validate-code?url=${icd}&code=K29.501`, false],
      [`CodeSystem/$validate-code?url=${icd}&code=K29.500&display=${encodeURIComponent('急性胃炎')}`, false],
      [`CodeSystem/${''}$validate-code?url=${icd}&version=2.0&code=A18.000x005%2BM90.0*`, true],
      ['ValueSet/$validate-code?url=https://yongan.example/ValueSet/hypertension&code=I10.x00x002', true],
      ['ValueSet/$validate-code?url=https://yongan.example/ValueSet/hypertension&code=I11.900', false],
      ['ValueSet/$validate-code?url=https://yongan.example/ValueSet/listed&code=K29.500', true],
    ])('%s', async (path, result) => {
      expect(value(await get(`/${path}`), 'result')).toBe(result);
    });
  });

  describe('$expand', () => {
    test.each([
      ['a beginning of a code', 'i10.x00x0', ['I10.x00x002', 'I10.x00x023']],
      ['Chinese', '胃炎', ['K29', 'K29.500']],
      ['one character', '髋', ['A18.000x005+M90.0*']],
      ['several words', '高血压 高危', ['I10.x00x023']],
      ['first letters of pinyin', 'mxwy', ['K29.500']],
      ['two of them', 'wy', ['K29', 'K29.500']],
      ['a designation', 'hypertensive', ['I11.900']],
      ['nothing that there is', '不存在的病名', []],
      ['signs of the index', '" OR *', []],
    ])('finds by %s', async (_, text, found) => {
      expect(await codes(`all&count=20&filter=${encodeURIComponent(text)}`)).toEqual(found);
    });

    test('by pages that lose nothing, filtered', async () => {
      const all = await codes(`all&count=2000&filter=${encodeURIComponent('第39')}`);
      expect(all.length).toBe(1_103);
      const paged: string[] = [];
      for (let offset = 0; offset < all.length; offset += 300)
        paged.push(...(await codes(`all&count=300&offset=${offset}&filter=${encodeURIComponent('第39')}`)));
      expect(paged).toEqual(all);
    });

    test('by the hierarchy, by a property, and by a list', async () => {
      expect(await codes('hypertension')).toEqual(['I10', 'I10.x00x002', 'I10.x00x023']);
      const third = await expand('chapter-3&count=5');
      expect(third.contains!.map(({ display }) => display)).toEqual(
        [3, 25, 47, 69, 91].map((n) => `第${n}种疾病`),
      );
      expect((await expand('listed')).contains).toEqual([
        expect.objectContaining({ code: 'K29.500', display: '慢性胃炎' }),
        expect.objectContaining({ code: 'I10' }),
      ]);
    });

    test('counts the codes of a whole table without reading them', async () => {
      expect(await expand('all&count=2')).toMatchObject({ total: 40_000 });
      const [last] = (await expand('all&count=10&offset=39999')).contains!;
      expect(last).toMatchObject({ display: '第39991种疾病' });
      await get('/ValueSet/$expand?url=https://yongan.example/ValueSet/all', 422);
    });
  });

  test('two editions stand beside each other, and one is replaced at once', async () => {
    const url = 'https://yongan.example/CodeSystem/editions';
    const edition = (version: string, display: string) =>
      server
        .post('/CodeSystem/$load-codes', codeSystem(version, [{ code: 'I10', display }], { url }))
        .expect(200);
    await edition('1.0', '旧');
    await edition('2.0', '新');
    const display = async (version: string) =>
      value(await get(`/CodeSystem/$lookup?system=${url}&version=${version}&code=I10`), 'display');
    expect([await display('1.0'), await display('2.0')]).toEqual(['旧', '新']);
    await edition('1.0', '旧,更正');
    expect([await display('1.0'), await display('2.0')]).toEqual(['旧,更正', '新']);
    const found = await get(`/CodeSystem?url=${url}`);
    expect(found.total ?? found.entry.length).toBe(2);
  });

  test('a part of a table says that it is one', async () => {
    const url = 'https://yongan.example/CodeSystem/part';
    const sent = codeSystem('1', [{ code: 'I10', display: '高血压' }], { url, content: 'fragment' });
    await server.post('/CodeSystem/$load-codes', sent).expect(200);
    const missing = await get(`/CodeSystem/$lookup?system=${url}&code=I11`, 404);
    expect(missing.issue[0].details.text).toContain('Only a part');
    const valueSet = { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: url }] } };
    const expanded = await server.post('/ValueSet/$expand', valueSet).expect(200);
    expect(expanded.body.expansion.parameter).toContainEqual({ name: 'used-fragment', valueUri: url });
    const answer = await get(`/CodeSystem/$validate-code?url=${url}&code=I11`);
    expect(value(answer, 'result')).toBe(false);
    expect(value(answer, 'message')).toContain('not all codes');
  });

  test('a hierarchy that is given counts, within one part and across parts', async () => {
    const url = 'https://yongan.example/CodeSystem/organs';
    const below = (code: string, parent: string) => ({
      ...{ code, display: code },
      property: [{ code: 'parent', valueCode: parent }],
    });
    const part = (concept: object[]) =>
      codeSystem('1', concept, { url, property: [{ code: 'parent', type: 'code' }] });
    const first = await load(
      {
        name: 'codeSystem',
        resource: part([{ code: 'body', display: '身体', concept: [{ code: 'chest', display: '胸' }] }]),
      },
      { name: 'last', valueBoolean: false },
    ).expect(200);
    const table = { name: 'table', valueString: value(first.body, 'table') };
    await load({ name: 'codeSystem', resource: part([below('lung', 'nowhere')]) }, table).expect(422);
    await load({ name: 'codeSystem', resource: part([below('heart', 'chest')]) }, table).expect(200);
    const subsumes = async (a: string, b: string) =>
      value(await get(`/CodeSystem/$subsumes?system=${url}&codeA=${a}&codeB=${b}`), 'outcome');
    expect(await subsumes('body', 'heart')).toBe('subsumes');
    expect(await subsumes('heart', 'chest')).toBe('subsumed-by');
    const answer = await get(`/CodeSystem/$lookup?system=${url}&code=chest&property=child&property=parent`);
    expect(JSON.stringify(answer.parameter)).toMatch(/"parent".*"body".*"child".*"heart"/);
  });

  test.each([
    ['a code that stands twice', codeSystem('9', [{ code: 'A' }, { code: 'A' }]), [400, 422]],
    ['what has no URL', codeSystem('9', [{ code: 'A' }], { url: undefined }), [400]],
    ['what says nothing of its content', codeSystem('9', [{ code: 'A' }], { content: 'not-present' }), [400]],
    ['what is no CodeSystem', { resourceType: 'ValueSet', status: 'active' }, [400]],
  ])('refuses %s', async (_, sent, statuses) => {
    expect(statuses).toContain((await server.post('/CodeSystem/$load-codes', sent)).status);
  });

  test('a code that came in an earlier part is refused', async () => {
    const one = { name: 'codeSystem', resource: codeSystem('9', [{ code: 'A' }]) };
    const { body } = await load(one, { name: 'last', valueBoolean: false }).expect(200);
    const again = await load(one, { name: 'table', valueString: value(body, 'table') }).expect(422);
    expect(again.body.issue[0]).toMatchObject({ code: 'duplicate' });
  });
});
