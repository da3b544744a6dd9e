import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Query } from '../../fhir/search/query.ts';
import { plan } from './plan.ts';

const orders = ['newest', 'indexed', undefined] as const;
const statistics = { hasType: () => true, amongNewest: () => 0, leave: () => ({ number: 1, upTo: 0 }) };
const term: Query = { kind: 'term', term: 'code|fulfill' };

test('rows are counted up to a whole number, which is all that SQLite takes as a limit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...orders),
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (order, limit, size) => {
        const count = (_: unknown, most: number) => {
          expect(Number.isInteger(most)).toBe(true);
          return most;
        };
        plan({ ...statistics, size: () => size, count }, 'Task', term, { order, limit });
      },
    ),
  );
});
