import { describe, expect, test } from '@jest/globals';
import { found, read, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';
import { spanOf } from '../time.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#date and #prefix */
const observed = (effective: object): Resource => ({ resourceType: 'Observation', id: 'o', ...effective });
const at = (effectiveDateTime: string) => observed({ effectiveDateTime });
const during = (start?: string, end?: string) =>
  observed({ effectivePeriod: { ...(start && { start }), ...(end && { end }) } });

const from21Jan = during('2013-01-21');
const from15Mar = during('2013-03-15');
const to21Jan = during(undefined, '2013-01-21');

describe('the table of the specification', () => {
  test.each([
    ['eq2013-01-14', at('2013-01-14T00:00'), true],
    ['eq2013-01-14', at('2013-01-14T10:00'), true],
    ['eq2013-01-14', at('2013-01-15T00:00'), false],
    ['ne2013-01-14', at('2013-01-15T00:00'), true],
    ['ne2013-01-14', at('2013-01-14T00:00'), false],
    ['ne2013-01-14', at('2013-01-14T10:00'), false],
    ['lt2013-01-14T10:00', at('2013-01-14'), true],
    ['gt2013-01-14T10:00', at('2013-01-14'), true],
    ['ge2013-03-14', from21Jan, true],
    ['le2013-03-14', from21Jan, true],
    ['sa2013-03-14', from15Mar, true],
    ['sa2013-03-14', from21Jan, false],
    ['sa2013-03-14', to21Jan, false],
    ['eb2013-03-14', from15Mar, false],
    ['eb2013-03-14', from21Jan, false],
    ['eb2013-03-14', to21Jan, true],
    ['ap2013-03-14', at('2013-03-14'), true],
    ['ap2026-03-14', at('2015-06-15'), false],
  ])('date=%s, %j: %s', (value, resource, isFound) => {
    expect(found(`Observation?date=${value}`, [resource])).toHaveLength(isFound ? 1 : 0);
  });
});

describe('the range column of the prefixes', () => {
  test.each([
    [
      'eq: "the range of the search value fully contains the range of the target value"',
      '2013',
      '2013-01',
      true,
    ],
    ['eq: a target that is wider is not contained', '2013-01', '2013', false],
    ['ge: contained', 'ge2013', '2013-05', true],
    ['ge: overlaps above', 'ge2013-05', '2013', true],
    ['ge: before', 'ge2013', '2012', false],
    ['le: contained', 'le2013', '2013-05', true],
    ['le: after', 'le2013', '2014', false],
    ['gt: within the range is not above it', 'gt2013', '2013-05', false],
    ['gt: above', 'gt2013', '2014', true],
    ['lt: below', 'lt2013', '2012-12-31', true],
    ['lt: within', 'lt2013', '2013-05', false],
    ['ne: partly outside', 'ne2013-01', '2013', true],
    ['sa: right after', 'sa2013', '2014-01-01', true],
    ['sa: overlapping', 'sa2013-05', '2013', false],
    ['eb: right before', 'eb2013', '2012-12-31', true],
  ])('%s: date=%s of %s is %s', (_, value, date, isFound) => {
    expect(found(`Observation?date=${value}`, [at(date)])).toHaveLength(isFound ? 1 : 0);
  });
});

describe('time zones: "the system should correct for time zones when performing queries"', () => {
  const noonInShanghai = at('2026-01-05T12:00:00+08:00');

  test.each([
    ['the same instant in another zone', '2026-01-05T04:00:00Z', true],
    ['the same digits in another zone', '2026-01-05T12:00:00Z', false],
    ['a + that arrives as a space', '2026-01-05T12:00:00 08:00', true],
    ['minutes without seconds', '2026-01-05T12:00+08:00', true],
    ['a colon that is encoded arrives decoded', 'ge2026-01-05T03:59:59Z', true],
  ])('%s', (_, value, isFound) => {
    expect(found(`Observation?date=${value}`, [noonInShanghai])).toHaveLength(isFound ? 1 : 0);
  });

  test('without a zone in both, "the servers local time zone should be assumed"', () => {
    const local = new Date(2026, 0, 5).getTime();
    expect(spanOf('2026-01-05')).toEqual({ low: local, high: new Date(2026, 0, 6).getTime() - 1 });
  });
});

describe('precision: "an interval that starts at the first instant … to the last instant"', () => {
  test.each([
    ['2000', new Date(2000, 0, 1), new Date(2001, 0, 1)],
    ['2000-04', new Date(2000, 3, 1), new Date(2000, 4, 1)],
    ['2000-02-29', new Date(2000, 1, 29), new Date(2000, 2, 1)],
    ['2000-04-01T10:00Z', new Date('2000-04-01T10:00Z'), new Date('2000-04-01T10:01Z')],
    ['2000-04-01T10:00:30Z', new Date('2000-04-01T10:00:30Z'), new Date('2000-04-01T10:00:31Z')],
    ['2000-04-01T10:00:30.5Z', new Date('2000-04-01T10:00:30.5Z'), new Date('2000-04-01T10:00:30.6Z')],
    ['2000-04-01T10:00:30.123Z', new Date('2000-04-01T10:00:30.123Z'), new Date('2000-04-01T10:00:30.124Z')],
    ['0001-01-01T00:00:00Z', new Date('0001-01-01T00:00:00Z'), new Date('0001-01-01T00:00:01Z')],
    ['2016-12-31T23:59:60Z', new Date('2017-01-01T00:00:00Z'), new Date('2017-01-01T00:00:01Z')],
  ])('%s', (date, first, next) => {
    expect(spanOf(date)).toEqual({ low: first.getTime(), high: next.getTime() - 1 });
  });

  test.each([
    '13',
    '2000-13',
    '2000-02-30',
    '2001-02-29',
    '2000-01-01T25:00Z',
    '2000-01-01T10',
    'today',
    '23 May 2009',
  ])('%s is no date', (date) => {
    expect(spanOf(date)).toBeUndefined();
    expect(refusalOf(`Observation?date=${date}`)).toContain('400 Invalid search parameter date');
  });
});

test('Timing: "the specified scheduling details are ignored and only the outer limits matter"', () => {
  const everyOtherDay = observed({
    effectiveTiming: { repeat: { boundsPeriod: { start: '2013-01-31', end: '2013-03-24' }, period: 2 } },
  });
  const twice = observed({ effectiveTiming: { event: ['2013-03-24', '2013-01-31'] } });
  for (const resource of [everyOtherDay, twice]) {
    expect(found('Observation?date=ap2013-02-01', [resource])).toEqual(['o']);
    expect(found('Observation?date=sa2013-01-30&date=eb2013-03-25', [resource])).toEqual(['o']);
    expect(found('Observation?date=sa2013-01-31', [resource])).toEqual([]);
  }
});

test('two conditions: "all the procedures that occurred over a 2-year period"', () => {
  const procedure: Resource = { resourceType: 'Procedure', id: 'p', performedDateTime: '2010-06-01' };
  expect(found('Procedure?date=ge2010-01-01&date=le2011-12-31', [procedure])).toEqual(['p']);
  expect(found('Procedure?date=ge2011-01-01&date=le2011-12-31', [procedure])).toEqual([]);
});

test('_lastUpdated is compared with the instant that the store knows', () => {
  const resource: Resource = {
    resourceType: 'Patient',
    id: 'p',
    meta: { lastUpdated: '2026-01-05T04:00:00Z' },
  };
  expect(found('Patient?_lastUpdated=gt2010-10-01', [resource])).toEqual(['p']);
  expect(found('Patient?_lastUpdated=lt2010-10-01', [resource])).toEqual([]);
  expect(found('Patient?_lastUpdated=2026-01-05T04:00:00Z', [resource])).toEqual(['p']);
  expect(read('Patient?_lastUpdated=ge2026-01-05T04:00:00Z').filter).toMatchObject({ kind: 'or' });
});

test(':missing', () => {
  expect(found('Observation?date:missing=true', [observed({})])).toEqual(['o']);
  expect(found('Observation?date:missing=true', [at('2013')])).toEqual([]);
  expect(refusalOf('Observation?date:exact=2013')).toContain('does not support the modifier :exact');
});
