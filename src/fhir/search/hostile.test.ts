import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { searchServer } from '../../../test/environment/search.ts';
import { Refusal } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { extractEntries } from './extract.ts';
import { parseSearch } from './parse.ts';

const { parameters } = searchServer;

const types = fc.constantFrom(
  'Patient',
  'Observation',
  'Task',
  'Bundle',
  'Group',
  'ValueSet',
  'MolecularSequence',
);

/** Names of parameters, with and without modifiers, chains and `_has`, and what only looks like one. */
const names = types.chain((type) => {
  const own = fc.constantFrom(
    ...parameters.of(type).keys(),
    '_filter',
    '_list',
    '_sort',
    '_include',
    '_count',
  );
  const modified = fc.tuple(
    own,
    fc.constantFrom('missing', 'exact', 'not', 'in', 'below', 'of-type', 'Patient', 'x'),
  );
  const name = fc.oneof(
    own,
    modified.map((parts) => parts.join(':')),
    fc.string({ maxLength: 20 }),
  );
  const chained = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  const has = fc.tuple(types, own, name).map((parts) => `_has:${parts.join(':')}`);
  return fc.oneof(name, chained, has).map((each) => [type, each] as const);
});

const pieces = fc.constantFrom(
  '|',
  '||',
  '$',
  ',',
  '\\',
  'ge',
  '2013-01',
  'T10:00Z',
  '1e2',
  '100',
  'Patient/1',
  'http://a',
  '"',
  '(',
  ')',
  ' and ',
  ' eq ',
  '张',
  '\u{20000}',
  '\0',
  '*',
  '-',
  'a',
);
const values = fc.oneof(
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ maxLength: 50 }),
);

test('any search is understood or refused with 4xx', () => {
  fc.assert(
    fc.property(names, values, fc.boolean(), ([type, name], value, lenient) => {
      try {
        parseSearch(searchServer, type, [[name, value]], lenient ? { handling: 'lenient' } : {});
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).status).toBeLessThan(500);
      }
    }),
    { numRuns: 3000 },
  );
});

test('any JSON of a resource gives entries: distinct terms, finite ends', () => {
  const keys = fc.constantFrom(
    'name',
    'identifier',
    'subject',
    'code',
    'coding',
    'system',
    'value',
    'reference',
    'valueQuantity',
    'contained',
    'component',
    'text',
    'div',
    'meta',
    'tag',
    'period',
    'start',
    'birthDate',
    'extension',
    'id',
    'entry',
    'resource',
    'characteristic',
    'telecom',
    'address',
    'effectiveDateTime',
    'url',
    'resourceType',
    'variant',
    'data',
    'origin',
  );
  const json = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, 1.5, -1e308, 'a', '', '2013-01', '#a', 'Patient/1', 'http://a|1', '\ud800'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(keys, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(
    fc.property(types, fc.dictionary(keys, json, { maxKeys: 10 }), (resourceType, members) => {
      const resource = { ...(members as object), resourceType } as Resource;
      const { terms, intervals } = extractEntries(parameters, resource, 'http://example.org/fhir');
      expect(new Set(terms).size).toBe(terms.length);
      for (const { low, high } of intervals) expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('what a resource repeats a thousand times does not multiply', () => {
  const many = Array.from({ length: 2000 }, (_, at) => ({ system: 'http://a', code: `${at}` }));
  const resource: Resource = {
    resourceType: 'Observation',
    id: 'o',
    code: { coding: many },
    valueCodeableConcept: { coding: many },
    contained: Array.from({ length: 500 }, (_, at) => ({ resourceType: 'Patient', id: `${at}` })),
    performer: Array.from({ length: 500 }, (_, at) => ({ reference: `#${at}` })),
  };
  const start = performance.now();
  expect(extractEntries(parameters, resource).terms.length).toBeLessThan(100_000);
  expect(performance.now() - start).toBeLessThan(3000);
});
