import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareText, startingWith } from './code-points.ts';
import { noEntries } from './entries.ts';
import { comparePositions, type Placed, positionOf } from './order.ts';

const text = fc.string({ unit: 'binary' });

describe('texts', () => {
  test('are ordered as their UTF-8 bytes are, as the databases do', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('that start with a prefix are exactly those within its range', () => {
    const prefixes = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !s.includes('\u{10ffff}'));
    fc.assert(
      fc.property(prefixes, text, fc.boolean(), (prefix, other, joined) => {
        const candidate = joined ? prefix + other : other;
        const { low, high } = startingWith(prefix);
        const isWithin = compareText(candidate, low) >= 0 && compareText(candidate, high) < 0;
        expect(isWithin).toBe(candidate.startsWith(prefix));
      }),
    );
  });
});

describe('positions', () => {
  const born = (id: string, low?: number, high = low) => ({
    id,
    updated: 0,
    entries: {
      sort: low === undefined || high === undefined ? {} : { birthdate: { low, high } },
    } as Placed['entries'],
  });
  const order = (descending: boolean) => {
    const sort = [{ key: 'birthdate', descending }];
    return [born('none'), born('young', 30), born('old', 10), born('between', 20, 40)]
      .map((resource) => positionOf(resource, sort))
      .sort((a, b) => comparePositions(a, b, sort))
      .map((position) => position.id);
  };

  test('ascend by the smallest value, those without one first', () => {
    expect(order(false)).toEqual(['none', 'old', 'between', 'young']);
  });

  test('descend by the largest value, those without one last', () => {
    expect(order(true)).toEqual(['between', 'young', 'old', 'none']);
  });

  test('are newest first when no order is asked for, ties by id', () => {
    const positions = [
      { id: 'b', updated: 1, entries: noEntries },
      { id: 'a', updated: 1, entries: noEntries },
      { id: 'c', updated: 2, entries: noEntries },
    ].map((resource) => positionOf(resource, []));
    expect(positions.sort((a, b) => comparePositions(a, b, [])).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });
});
