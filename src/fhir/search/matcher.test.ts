import { describe, expect, test } from '@jest/globals';
import { noEntries } from './entries.ts';
import { matches, type Others, type Searchable } from './matcher.ts';
import { not, type Query } from './query.ts';

const patient: Searchable = {
  type: 'Patient',
  id: 'zhang-san',
  updated: 1000,
  entries: { ...noEntries, terms: ['gender|=male', 'name|~zhang san'], words: ['c|张三'] },
};
const referral: Searchable = {
  type: 'ServiceRequest',
  id: 'up-1',
  updated: 2000,
  entries: {
    ...noEntries,
    terms: ['status|=active', 'subject|>Patient/zhang-san'],
    intervals: [{ name: 'authored', low: 100, high: 199 }],
  },
};
const others: Others = {
  find: (type, id) => [patient, referral].find((resource) => resource.type === type && resource.id === id),
  all: (type) => [patient, referral].filter((resource) => resource.type === type),
};

describe('a resource matches', () => {
  const cases: [string, Query, Searchable][] = [
    ['everything', { kind: 'all' }, patient],
    ['one of its ids', { kind: 'id', ids: ['li-si', 'zhang-san'] }, patient],
    ['the instant of its update', { kind: 'updated', is: { gte: 1000, lte: 1000 } }, patient],
    ['a term', { kind: 'term', term: 'gender|=male' }, patient],
    ['the start of a term', { kind: 'terms', low: 'name|~zhang', high: 'name|~zhanh' }, patient],
    ['the inside of a term', { kind: 'contains', prefix: 'name|~', text: 'ang s' }, patient],
    ['a word', { kind: 'word', word: 'c|张三' }, patient],
    [
      'an interval that overlaps a day',
      { kind: 'interval', name: 'authored', low: { lte: 150 }, high: { gte: 120 } },
      referral,
    ],
    [
      'what its target matches',
      { kind: 'chain', name: 'subject', target: 'Patient', filter: { kind: 'term', term: 'gender|=male' } },
      referral,
    ],
    [
      'what refers to it',
      {
        kind: 'has',
        source: 'ServiceRequest',
        name: 'subject',
        filter: { kind: 'term', term: 'status|=active' },
      },
      patient,
    ],
    [
      'all parts of a conjunction',
      {
        kind: 'and',
        of: [
          { kind: 'term', term: 'gender|=male' },
          { kind: 'id', ids: ['zhang-san'] },
        ],
      },
      patient,
    ],
    ['one part of an alternative', { kind: 'or', of: [{ kind: 'none' }, { kind: 'all' }] }, patient],
  ];

  test.each(cases)('%s', (_, query, resource) => {
    expect(matches(query, resource, others)).toBe(true);
    expect(matches(not(query), resource, others)).toBe(false);
  });
});

describe('a resource does not match', () => {
  const cases: [string, Query, Searchable][] = [
    ['nothing', { kind: 'none' }, patient],
    ['a text that lies before the prefix', { kind: 'contains', prefix: 'name|~', text: 'name' }, patient],
    ['an interval of another name', { kind: 'interval', name: 'occurrence' }, referral],
    [
      'a chain whose end matches nothing',
      { kind: 'chain', name: 'subject', target: 'Patient', filter: { kind: 'none' } },
      referral,
    ],
    [
      'a chain to another type',
      { kind: 'chain', name: 'subject', target: 'Group', filter: { kind: 'all' } },
      referral,
    ],
    [
      'when what refers to it does not match',
      { kind: 'has', source: 'ServiceRequest', name: 'subject', filter: { kind: 'none' } },
      patient,
    ],
  ];

  test.each(cases)('%s', (_, query, resource) => {
    expect(matches(query, resource, others)).toBe(false);
  });
});
