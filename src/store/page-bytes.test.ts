import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exceeding, pageOf } from './page-bytes.ts';

const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'é', '转', '😀') }), { nil: null }));

test('a page ends before the first text that makes its bytes too many, and has at least one', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 60 }), (found, bytes) => {
      const page = pageOf(found, (text) => text, { size: found.length, bytes });
      const sizeOf = (some: readonly (string | null)[]) => Buffer.byteLength(some.join(''));
      const whole = found.findIndex((_, index) => index > 0 && sizeOf(found.slice(0, index + 1)) > bytes);
      expect(page).toEqual(whole < 0 ? found : found.slice(0, whole));
    }),
  );
});

test('without a bound no text is too much', () => {
  const exceeds = exceeding();
  expect(['转'.repeat(1_000), null, '诊'].some(exceeds)).toBe(false);
});
