import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCursor } from './cursor.ts';

const cursor = createCursor('key');

test('a position comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (position) => {
      expect(cursor.open(cursor.seal(position))).toEqual(JSON.parse(JSON.stringify(position)));
    }),
  );
});

test('a token that was changed, or made with another key, is not opened', () => {
  const token = cursor.seal({ values: [1], id: 'a' });
  expect(cursor.open(`${token.slice(0, -2)}AA`)).toBeNull();
  expect(cursor.open(createCursor('other').seal({ values: [1], id: 'a' }))).toBeNull();
  expect(cursor.open('')).toBeNull();
});
