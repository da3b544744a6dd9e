import { describe, expect, test } from '@jest/globals';
import { Refusal } from '../../refusal.ts';
import { emptyEncoding } from '../encoding.ts';
import { noEntries } from '../entries.ts';
import { matches } from '../matcher.ts';
import { encodeNear, nearQuery } from './near.ts';

/** "near: Search for locations where the location.position is near to, or within a specified distance of, …" */
describe('near', () => {
  const found = (latitude: number, longitude: number, value: string) => {
    const encoding = emptyEncoding();
    encodeNear({ value: { latitude, longitude }, type: 'BackboneElement' }, encoding);
    const intervals = encoding.intervals.map(({ suffix, low, high }) => ({
      name: `near${suffix}`,
      low,
      high,
    }));
    return matches(nearQuery('near', value), {
      type: 'Location',
      id: '1',
      updated: 0,
      entries: { ...noEntries, intervals },
    });
  };

  // A degree of latitude is 111.2 km.
  test.each([
    ['the place itself', 36, 104, '36|104|1|km', true],
    ['10 km north, within 11 km', 36.09, 104, '36|104|11|km', true],
    ['10 km north, not within 9 km', 36.09, 104, '36|104|9|km', false],
    ['10 km east, within 11 km', 36, 104.111, '36|104|11|km', true],
    ['10 km east, not within 9 km', 36, 104.111, '36|104|9|km', false],
    ['the corner of the square around the circle is outside', 36.085, 104.105, '36|104|10|km', false],
    ['kilometres are assumed', 36.09, 104, '36|104|11', true],
    ['miles', 36.09, 104, '36|104|6|mi_us', false],
    ['miles, more of them', 36.09, 104, '36|104|7|mi_us', true],
    ['without a distance about a county', 36.3, 104, '36|104', true],
    ['across the date line', 0, -179.95, '0|179.95|20|km', true],
    ['around a pole', 89.99, -90, '89.99|90|5|km', true],
  ])('%s', (_, latitude, longitude, value, expected) => {
    expect(found(latitude, longitude, value)).toBe(expected);
  });

  test.each(['36', 'a|b', '91|0', '36|104|-1|km', '36|104|1|parsec', ''])('"%s" is refused', (value) => {
    expect(() => nearQuery('near', value)).toThrow(Refusal);
  });
});
