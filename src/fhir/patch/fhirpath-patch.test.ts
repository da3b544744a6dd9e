import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../json/parse.ts';
import { serialise } from '../json/serialise.ts';
import type { Refusal } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { applyFhirPathPatch } from './fhirpath-patch.ts';

const patient = () => ({
  resourceType: 'Patient',
  id: 'wang-xiulan',
  active: true,
  name: [
    {
      use: 'official',
      family: '王',
      given: ['秀', '兰'],
      _given: [null, { extension: [{ url: 'pinyin', valueCode: 'lan' }] }],
    },
    { use: 'nickname', text: '兰兰' },
  ],
  telecom: [{ system: 'phone', value: '13800138000' }],
  birthDate: '1958-03-07',
  _birthDate: { extension: [{ url: 'birth-time', valueDateTime: '1958-03-07T04:30:00+08:00' }] },
  deceasedBoolean: false,
});

type Parts = Record<string, string | number | object>;

/** A Parameters resource with one operation a given set of parts. */
function parameters(...operations: Parts[]): Resource {
  return {
    resourceType: 'Parameters',
    parameter: operations.map((parts) => ({ name: 'operation', part: Object.entries(parts).map(partOf) })),
  };
}

function partOf([name, value]: [string, string | number | object]): object {
  if (typeof value === 'number') return { name, valueInteger: value };
  if (typeof value === 'object') return { name, ...value };
  return name === 'type' ? { name, valueCode: value } : { name, valueString: value };
}

function patched(...operations: Parts[]): Record<string, unknown> {
  return applyFhirPathPatch(patient(), parameters(...operations));
}

function refusal(body: unknown): Refusal {
  try {
    applyFhirPathPatch(patient(), body);
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('The patch was applied');
}

describe('add', () => {
  test('puts an element at the end of its list', () => {
    const value = { valueHumanName: { text: '王大妈' } };
    const { name } = patched({ type: 'add', path: 'Patient', name: 'name', value });
    expect(name).toEqual([...patient().name, { text: '王大妈' }]);
  });

  test('begins a list that is not there', () => {
    const value = { valueReference: { reference: 'Practitioner/1' } };
    expect(
      patched({ type: 'add', path: 'Patient', name: 'generalPractitioner', value }).generalPractitioner,
    ).toEqual([{ reference: 'Practitioner/1' }]);
  });

  test('builds elements without a type of their own from parts', () => {
    const value = {
      part: [
        { name: 'relationship', valueCodeableConcept: { text: '女儿' } },
        { name: 'name', valueHumanName: { text: '李梅' } },
        { name: 'gender', valueCode: 'female' },
      ],
    };
    expect(patched({ type: 'add', path: 'Patient', name: 'contact', value }).contact).toEqual([
      { relationship: [{ text: '女儿' }], name: { text: '李梅' }, gender: 'female' },
    ]);
  });

  test('names a choice element by the type of the value', () => {
    const after = patched(
      { type: 'delete', path: 'Patient.deceased' },
      { type: 'add', path: 'Patient', name: 'deceased', value: { valueDateTime: '2026-01-05' } },
    );
    expect(after).toMatchObject({ deceasedDateTime: '2026-01-05' });
    expect(after).not.toHaveProperty('deceasedBoolean');
  });

  test('adds extensions to primitives, alone and in lists', () => {
    const value = { valueExtension: { url: 'accuracy', valueCode: 'day' } };
    expect(patched({ type: 'add', path: 'Patient.birthDate', name: 'extension', value })._birthDate).toEqual({
      extension: [...patient()._birthDate.extension, { url: 'accuracy', valueCode: 'day' }],
    });
    expect(
      patched({ type: 'add', path: 'Patient.name[0].given[0]', name: 'extension', value }).name,
    ).toMatchObject([
      { _given: [{ extension: [{ url: 'accuracy' }] }, { extension: [{ url: 'pinyin' }] }] },
      {},
    ]);
    expect(patched({ type: 'add', path: 'Patient.active', name: 'extension', value })._active).toEqual({
      extension: [{ url: 'accuracy', valueCode: 'day' }],
    });
  });

  test.each([
    [
      'a second one of what may not repeat',
      { path: 'Patient', name: 'birthDate', value: { valueDate: '2000' } },
    ],
    ['what the type does not have', { path: 'Patient', name: 'colour', value: { valueString: 'red' } }],
    [
      'a choice of a type that it may not have',
      { path: 'Patient', name: 'deceased', value: { valueCode: 'x' } },
    ],
    ['to what is not there', { path: 'Patient.maritalStatus', name: 'text', value: { valueString: 'x' } }],
    ['to several at once', { path: 'Patient.name', name: 'text', value: { valueString: 'x' } }],
  ])('refuses %s', (_, parts) => {
    expect(refusal(parameters({ type: 'add', ...parts })).status).toBe(422);
  });
});

describe('insert', () => {
  test('puts an element where it is told, and keeps the extensions beside primitives in step', () => {
    const { name } = patched({
      type: 'insert',
      path: 'Patient.name[0].given',
      index: 1,
      value: { valueString: '小' },
    });
    expect(name).toMatchObject([
      { given: ['秀', '小', '兰'], _given: [null, null, { extension: [{ url: 'pinyin' }] }] },
      {},
    ]);
  });

  test('begins a list that is not there at 0', () => {
    const value = { valueString: '女士' };
    expect(patched({ type: 'insert', path: 'Patient.name[1].prefix', index: 0, value }).name).toMatchObject([
      {},
      { prefix: ['女士'] },
    ]);
    expect(
      refusal(parameters({ type: 'insert', path: 'Patient.name[1].prefix', index: 1, value })).status,
    ).toBe(422);
  });

  test('refuses what is no list', () => {
    const value = { valueDate: '2000' };
    expect(refusal(parameters({ type: 'insert', path: 'Patient.birthDate', index: 0, value })).status).toBe(
      422,
    );
    expect(
      refusal(parameters({ type: 'insert', path: 'Patient.name.first()', index: 0, value })).status,
    ).toBe(422);
  });
});

describe('delete', () => {
  test('takes a primitive away together with its extensions', () => {
    const after = patched({ type: 'delete', path: 'Patient.birthDate' });
    expect(after).not.toHaveProperty('birthDate');
    expect(after).not.toHaveProperty('_birthDate');
  });

  test('leaves nothing empty behind', () => {
    expect(patched({ type: 'delete', path: 'Patient.telecom[0]' })).not.toHaveProperty('telecom');
    const both = [
      { type: 'delete', path: "Patient.telecom.where(system = 'phone').value" },
      { type: 'delete', path: 'Patient.telecom.system' },
    ];
    expect(patched(...both)).not.toHaveProperty('telecom');
  });

  test('keeps the extensions beside primitives in step', () => {
    expect(patched({ type: 'delete', path: 'Patient.name[0].given[0]' }).name).toMatchObject([
      { given: ['兰'], _given: [{ extension: [{ url: 'pinyin' }] }] },
      {},
    ]);
    expect(patched({ type: 'delete', path: 'Patient.name[0].given[1]' }).name).toEqual([
      { use: 'official', family: '王', given: ['秀'] },
      patient().name[1],
    ]);
  });

  test('does nothing where there is nothing, and refuses several at once', () => {
    expect(patched({ type: 'delete', path: 'Patient.maritalStatus' })).toEqual(patient());
    expect(refusal(parameters({ type: 'delete', path: 'Patient.name' })).status).toBe(422);
  });
});

describe('replace', () => {
  test('gives an element another value, without the extensions of the old one', () => {
    const after = patched({ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1958-03-08' } });
    expect(after.birthDate).toBe('1958-03-08');
    expect(after).not.toHaveProperty('_birthDate');
  });

  test('finds an element by a condition, also in a list of primitives', () => {
    const value = { valueString: '蘭', _valueString: { id: 'traditional' } };
    expect(
      patched({ type: 'replace', path: "Patient.name.given.where($this = '兰')", value }).name,
    ).toMatchObject([{ given: ['秀', '蘭'], _given: [null, { id: 'traditional' }] }, {}]);
  });

  test('gives a choice element another type', () => {
    const value = { valueDateTime: '2026-01-05' };
    const after = patched({ type: 'replace', path: 'Patient.deceased', value });
    expect(after.deceasedDateTime).toBe('2026-01-05');
    expect(after).not.toHaveProperty('deceasedBoolean');
  });

  test.each([
    ['what is not there', 'Patient.maritalStatus', 422],
    ['several', 'Patient.name.use', 422],
    ['the resource', 'Patient', 422],
    ['its id', 'Patient.id', 422],
    ['a value that is no element', 'Patient.name.count()', 400],
    ['what cannot be parsed', 'Patient..name', 400],
    ['what another resource has', '%other.name', 400],
  ])('refuses %s', (_, path, status) => {
    expect(refusal(parameters({ type: 'replace', path, value: { valueString: 'x' } })).status).toBe(status);
  });
});

describe('move', () => {
  test('takes an element out of its list and puts it back elsewhere', () => {
    expect(patched({ type: 'move', path: 'Patient.name', source: 1, destination: 0 }).name).toEqual(
      patient().name.toReversed(),
    );
    expect(
      patched({ type: 'move', path: 'Patient.name[0].given', source: 0, destination: 1 }).name,
    ).toMatchObject([{ given: ['兰', '秀'], _given: [{ extension: [{ url: 'pinyin' }] }, null] }, {}]);
  });

  test('refuses places outside of the list', () => {
    const outside = { type: 'move', path: 'Patient.name', source: 0, destination: 2 };
    expect(refusal(parameters(outside)).status).toBe(422);
    expect(refusal(parameters({ ...outside, destination: -1 })).status).toBe(422);
  });
});

describe('A FHIRPath Patch', () => {
  test('shares what did not change with the old resource, which stays as it was', () => {
    const before = patient();
    const body = parameters({ type: 'replace', path: 'Patient.active', value: { valueBoolean: false } });
    const after = applyFhirPathPatch(before, body);
    expect(before).toEqual(patient());
    expect(after.name).toBe(before.name);
  });

  test('keeps decimals digit for digit', () => {
    const before = parseJson(
      '{"resourceType":"Observation","component":[{"valueQuantity":{"value":7.10}}]}',
      10,
    );
    const body = parseJson(
      `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
        {"name":"type","valueCode":"add"},{"name":"path","valueString":"Observation"},{"name":"name","valueString":"value"},
        {"name":"value","valueQuantity":{"value":3.90}}]}]}`,
      10,
    );
    expect(serialise(applyFhirPathPatch(before as Resource, body))).toBe(
      '{"resourceType":"Observation","component":[{"valueQuantity":{"value":7.10}}],"valueQuantity":{"value":3.90}}',
    );
  });

  test.each([
    ['another resource', { resourceType: 'Patient' }],
    ['a parameter that is no operation', { resourceType: 'Parameters', parameter: [{ name: 'x' }] }],
    ['no path', parameters({ type: 'delete' })],
    ['no value', parameters({ type: 'replace', path: 'Patient.active' })],
    ['an unknown type', parameters({ type: 'toString', path: 'Patient.active' })],
    [
      'an index that is no integer',
      parameters({ type: 'insert', path: 'Patient.name', index: 'x', value: {} }),
    ],
    ['an empty value', parameters({ type: 'replace', path: 'Patient.active', value: {} })],
  ])('with %s is refused with 400', (_, body) => {
    expect(refusal(body).status).toBe(400);
  });

  test('is bounded in what its paths may cost and in how many there are', () => {
    const costly = `descendants()${'.select(%resource.descendants())'.repeat(6)}`;
    expect(refusal(parameters({ type: 'delete', path: costly })).issues[0]!.code).toBe('too-costly');
    const many = Array.from({ length: 300 }, () => ({ type: 'delete', path: 'Patient.photo' }));
    expect(refusal(parameters(...many)).issues[0]!.code).toBe('too-costly');
  });
});
