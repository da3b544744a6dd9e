import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../json/parse.ts';
import { serialise } from '../json/serialise.ts';
import type { Refusal } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { applyJsonPatch } from './json-patch.ts';

const observation = () => ({
  resourceType: 'Observation',
  id: 'glucose',
  status: 'preliminary',
  category: [{ text: '检验' }],
  code: { coding: [{ code: '14749-6' }], text: '空腹血糖' },
});

function refusal(operations: unknown, resource: Resource = observation()): Refusal {
  try {
    applyJsonPatch(resource, operations);
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('The patch was applied');
}

describe('A JSON Patch', () => {
  test('gives a new resource and shares what did not change', () => {
    const before = observation();
    const after = applyJsonPatch(before, [{ op: 'replace', path: '/status', value: 'final' }]);
    expect(after).toEqual({ ...observation(), status: 'final' });
    expect(before).toEqual(observation());
    expect(after.code).toBe(before.code);
  });

  test('is applied as a whole: each operation sees what the ones before it did', () => {
    const after = applyJsonPatch(observation(), [
      { op: 'add', path: '/note', value: [] },
      { op: 'add', path: '/note/-', value: { text: '复查' } },
      { op: 'copy', from: '/note/0', path: '/note/0' },
      { op: 'move', from: '/code/text', path: '/note/1/text' },
      { op: 'test', path: '/note', value: [{ text: '复查' }, { text: '空腹血糖' }] },
    ]);
    expect(after.note).toEqual([{ text: '复查' }, { text: '空腹血糖' }]);
    expect(after.code).toEqual({ coding: [{ code: '14749-6' }] });
  });

  test('leaves no empty list behind', () => {
    expect(applyJsonPatch(observation(), [{ op: 'remove', path: '/category/0' }])).not.toHaveProperty(
      'category',
    );
    expect(
      applyJsonPatch(observation(), [
        { op: 'remove', path: '/category/0' },
        { op: 'add', path: '/category/-', value: { text: '化验' } },
      ]).category,
    ).toEqual([{ text: '化验' }]);
  });

  test('keeps decimals digit for digit, those of the resource and its own', () => {
    const before = parseJson('{"resourceType":"Observation","valueQuantity":{"value":7.10},"a":{"b":1}}', 10);
    const patch = parseJson('[{"op":"add","path":"/referenceRange","value":[{"low":{"value":3.90}}]}]', 10);
    expect(serialise(applyJsonPatch(before as Resource, patch))).toBe(
      '{"resourceType":"Observation","valueQuantity":{"value":7.10},"a":{"b":1},"referenceRange":[{"low":{"value":3.90}}]}',
    );
    const number = parseJson('[{"op":"replace","path":"/valueQuantity/value","value":6.50}]', 10);
    expect(serialise(applyJsonPatch(before as Resource, number))).toContain('"value":6.50');
  });

  test.each([
    ['no list', { op: 'remove', path: '/status' }],
    ['no operation', ['remove']],
    ['an unknown operation', [{ op: 'delete', path: '/status' }]],
    ['an inherited name', [{ op: 'toString', path: '/status' }]],
    ['no path', [{ op: 'remove' }]],
    ['no pointer', [{ op: 'remove', path: 'status' }]],
    ['a wrong escape', [{ op: 'remove', path: '/a~2' }]],
    ['no value', [{ op: 'add', path: '/status' }]],
    ['no from', [{ op: 'move', path: '/status' }]],
    ['a way into JavaScript', [{ op: 'add', path: '/__proto__/polluted', value: true }]],
  ])('with %s is refused with 400', (_, operations) => {
    expect(refusal(operations).status).toBe(400);
  });

  test.each([
    ['removes what is not there', { op: 'remove', path: '/note' }],
    ['replaces what is not there', { op: 'replace', path: '/note', value: [] }],
    ['adds into what is not there', { op: 'add', path: '/note/0/text', value: 'x' }],
    ['adds into a text', { op: 'add', path: '/status/x', value: 'x' }],
    ['adds past the end', { op: 'add', path: '/category/2', value: {} }],
    ['writes a position like no number', { op: 'replace', path: '/category/00', value: {} }],
    ['looks for what objects inherit', { op: 'test', path: '/toString', value: null }],
    ['tests in vain', { op: 'test', path: '/status', value: 'final' }],
    ['moves a value into itself', { op: 'move', from: '/code', path: '/code/coding/0/x' }],
    ['changes the id', { op: 'replace', path: '/id', value: 'other' }],
    ['removes the id', { op: 'remove', path: '/id' }],
    ['changes the type', { op: 'replace', path: '/resourceType', value: 'Patient' }],
    [
      'replaces everything by something else',
      { op: 'replace', path: '', value: { resourceType: 'Patient' } },
    ],
    ['removes everything', { op: 'remove', path: '' }],
  ])('that %s is refused with 422', (_, operation) => {
    expect(refusal([operation]).status).toBe(422);
  });

  test('names the operation that cannot be done', () => {
    const operations = [
      { op: 'test', path: '/status', value: 'preliminary' },
      { op: 'remove', path: '/note' },
    ];
    expect(refusal(operations).issues[0]!.text.en).toBe(
      'Patch operation 2 (remove /note): the resource has nothing at /note',
    );
  });

  test('cannot make a resource grow without bound', () => {
    const doubling = Array.from({ length: 40 }, () => ({
      op: 'copy',
      from: '/code',
      path: '/code/coding/-',
    }));
    expect(refusal(doubling).issues[0]!.code).toBe('too-costly');
    expect(refusal(Array(2000).fill({ op: 'test', path: '/status', value: 'preliminary' })).status).toBe(422);
  });

  test('that adds a member and removes it again changes nothing', () => {
    const names = fc.stringMatching(/^[a-z/~ ]{1,6}$/).filter((name) => !Object.hasOwn(observation(), name));
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const added = applyJsonPatch(observation(), [{ op: 'add', path, value }]);
        expect(added[name]).toEqual(value);
        expect(applyJsonPatch(added, [{ op: 'remove', path }])).toEqual(observation());
      }),
      { numRuns: 100 },
    );
  });
});
