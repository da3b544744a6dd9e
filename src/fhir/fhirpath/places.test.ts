import { describe, expect, test } from '@jest/globals';
import { compilePath } from './places.ts';

const referral = {
  resourceType: 'ServiceRequest',
  id: 'up',
  extension: [
    { url: 'green-channel', valueBoolean: true },
    { url: 'bypass-reason', valueCode: 'acs' },
  ],
  reasonCode: [{ coding: [{ code: 'up-acs' }, { code: 'up-stroke' }] }],
};

function places(path: string) {
  return compilePath(path, 10_000)
    .find(referral)
    .map(({ place }) => place);
}

describe('A path tells where the elements stand that it selects', () => {
  test.each([
    ['ServiceRequest', [[]]],
    ['ServiceRequest.id', [['id']]],
    ["extension.where(url = 'green-channel').value", [['extension', 0, 'valueBoolean']]],
    [
      'ServiceRequest.reasonCode.coding.code',
      [
        ['reasonCode', 0, 'coding', 0, 'code'],
        ['reasonCode', 0, 'coding', 1, 'code'],
      ],
    ],
    ['descendants().ofType(boolean)', [['extension', 0, 'valueBoolean']]],
    ['note', []],
  ])('%s', (path, expected) => {
    expect(places(path)).toEqual(expected);
  });

  test('and which elements have or may have the member that it ends in', () => {
    const { last } = compilePath('ServiceRequest.reasonCode.coding', 10_000);
    expect(last!.name).toBe('coding');
    expect(last!.holders(referral)).toMatchObject([
      { place: ['reasonCode', 0], type: { path: 'CodeableConcept' } },
    ]);
    expect(compilePath('ServiceRequest.note', 10_000).last!.holders(referral)).toMatchObject([{ place: [] }]);
    expect(compilePath('reasonCode.coding.first()', 10_000).last).toBeUndefined();
  });
});

test('A path that gives what is no element, or that cannot be bounded, is an error', () => {
  expect(() => places('reasonCode.count()')).toThrow(TypeError);
  expect(() => places('reasonCode.aggregate($total + 1, 0)')).toThrow(SyntaxError);
});
