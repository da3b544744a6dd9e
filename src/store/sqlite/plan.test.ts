import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { and, type Query } from '../../fhir/search/query.ts';
import { plan } from './plan.ts';

const orders = ['newest', 'indexed', undefined] as const;
const statistics = { hasType: () => true, leave: () => ({ number: 1, upTo: 0 }) };
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
        plan(
          { ...statistics, size: () => size, count, find: () => ({ count: 0, rows: () => [] }) },
          'Task',
          term,
          { order, limit },
        );
      },
    ),
  );
});

describe('what is planned', () => {
  const referrals = { ...statistics, size: () => 1_000_000 };
  const chain: Query = {
    kind: 'chain',
    name: 'patient',
    target: 'Patient',
    filter: and([
      { kind: 'term', term: 'identifier|=7' },
      { kind: 'readers', labels: ['x'] },
    ]),
  };
  const never = (): never => {
    throw new Error('asked');
  };

  test('rows that were found are walked through, each once, and not searched for again', () => {
    const planned = plan(
      { ...referrals, find: () => ({ count: 3, rows: () => [7, 3, 7] }), count: never },
      'ServiceRequest',
      chain,
      {
        order: 'newest',
        limit: 20,
      },
    );
    expect(planned).toEqual({ kind: 'found', rows: [7, 3], others: [] });
  });

  test('where a handful was found, no other condition is asked for', () => {
    const counted: number[] = [];
    const count = () => counted.push(3) && 3;
    const both = and([{ kind: 'term', term: 'subject|>Patient/p' }, term]);
    const planned = plan({ ...referrals, find: never, count }, 'ServiceRequest', both, {
      order: 'newest',
      limit: 20,
    });
    expect(planned).toEqual({ kind: 'term', term: 'subject|>Patient/p', others: [term] });
    expect(counted).toHaveLength(1);
  });
});
