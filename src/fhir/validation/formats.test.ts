import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formats } from './formats.ts';

const accepts = (type: string, value: unknown) => formats[type]!(value) === undefined;

describe('formats of primitive values', () => {
  test.each([
    ['boolean', true],
    ['integer', -2147483648],
    ['unsignedInt', 0],
    ['positiveInt', 2147483647],
    ['decimal', 37.25],
    ['string', '血压 170/105\n复查'],
    ['code', 'in progress'],
    ['id', 'ZZ-2024.0506-1'],
    ['uri', 'urn:oid:2.16.156.10011.1.3'],
    ['uri', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    ['canonical', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520|1.0'],
    ['date', '2024'],
    ['date', '2024-02-29'],
    ['dateTime', '2024-05'],
    ['dateTime', '2024-05-06T08:00:00.123+08:00'],
    ['dateTime', '2016-12-31T23:59:60Z'],
    ['instant', '2024-05-06T08:00:00+14:00'],
    ['time', '08:30:00'],
    ['base64Binary', 'YWJj ZGU='],
  ])('%s takes %j', (type, value) => {
    expect(formats[type]!(value)).toBeUndefined();
  });

  test.each([
    ['boolean', 'true'],
    ['integer', '1'],
    ['integer', 1.5],
    ['integer', 2147483648],
    ['unsignedInt', -1],
    ['positiveInt', 0],
    ['decimal', '37.2'],
    ['decimal', Number.NaN],
    ['string', ''],
    ['string', 'a\u0000b'],
    ['string', 5],
    ['code', ' active'],
    ['code', 'in  progress'],
    ['id', 'a_b'],
    ['id', 'x'.repeat(65)],
    ['uri', 'http://a b'],
    ['uri', 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520'],
    ['oid', 'urn:oid:3.1'],
    ['date', '2023-02-29'],
    ['date', '1900-02-29'],
    ['date', '2024-04-31'],
    ['date', '0000'],
    ['date', '2024-5-6'],
    ['date', '2024-05-06T08:00:00Z'],
    ['dateTime', '2024-05-06T08:00:00'],
    ['dateTime', '2024-05-06T08:00+08:00'],
    ['dateTime', '2024-05-06T24:00:00Z'],
    ['instant', '2024-05-06'],
    ['time', '8:30'],
    ['base64Binary', 'YWJ'],
    ['base64Binary', 'YW=Jj'],
    ['base64Binary', '%%%%'],
  ])('%s refuses %j', (type, value) => {
    expect(formats[type]!(value)).toBeDefined();
  });

  test('every day of the calendar is a date, and the day after the last of a month is none', () => {
    const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (when) => {
        const text = when.toISOString().slice(0, 10);
        const last = new Date(Date.UTC(when.getUTCFullYear(), when.getUTCMonth() + 1, 0)).getUTCDate();
        expect(accepts('date', text)).toBe(true);
        expect(accepts('date', `${text.slice(0, 8)}${last + 1}`)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('whatever bytes are encoded, the result is base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        expect(accepts('base64Binary', Buffer.from(bytes).toString('base64'))).toBe(true);
      }),
    );
  });

  test('text that is made to be slow is judged at once', () => {
    const started = performance.now();
    accepts('base64Binary', `${' '.repeat(200_000)}%`);
    accepts('code', `${'a '.repeat(100_000)} `);
    accepts('uri', `${'a'.repeat(200_000)} `);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
