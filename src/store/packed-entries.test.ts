import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entries } from '../fhir/search/entries.ts';
import { pack, piecesOfIntervals, piecesOfTerms, unpack } from './packed-entries.ts';

/** Texts as clients could choose them to be cut at the wrong place, behind the name of a parameter. */
const hostile = fc
  .array(fc.constantFrom('"', ',', '\\', ']', '[', '"],["', '","', '5', '中'))
  .map((parts) => parts.join(''));
const term = hostile.map((text) => `name|${text}`);
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

test('entries that are packed are the same when they are unpacked', () => {
  const entries: fc.Arbitrary<Entries> = fc.record({
    terms: fc.array(term),
    intervals: fc.array(fc.record({ name: term, low: number, high: number })),
    sort: fc.constant({ name: { low: 'a', high: 'b' } }),
    words: fc.constantFrom([], ['t|one', 'c|two']),
  });
  fc.assert(fc.property(entries, (given) => expect(unpack(pack(given))).toEqual(given)));
});

test('in pieces, they are all there, in their order', () => {
  const many = fc.array(term, { minLength: 1, maxLength: 20 }).map((texts) => {
    const terms = Array.from({ length: 400 }, () => texts).flat();
    const intervals = terms.map((name, n) => ({ name, low: n, high: n + 0.5 }));
    return pack({ terms, intervals, sort: {}, words: [] });
  });
  const joined = (pieces: readonly string[]) => pieces.flatMap((piece) => JSON.parse(piece) as unknown[]);
  fc.assert(
    fc.property(many, ({ terms, intervals }) => {
      expect(joined(piecesOfTerms(terms))).toEqual(JSON.parse(terms));
      expect(joined(piecesOfIntervals(intervals))).toEqual(JSON.parse(intervals));
    }),
    { numRuns: 30 },
  );
  const large = pack({
    terms: Array.from({ length: 50_000 }, (_, n) => `name|${n}`),
    intervals: [],
    sort: {},
    words: [],
  });
  expect(piecesOfTerms(large.terms).length).toBeGreaterThan(10);
  expect(piecesOfIntervals(large.intervals)).toEqual([]);
});
