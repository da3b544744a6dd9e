import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { afterOpenTime, openingHours, openTimeBetween } from './opening-hours.ts';

const hour = 3_600_000;
const at = (text: string) => Date.parse(`${text}+08:00`);

/** A reception that is open on weekdays, closed over National Day, and works on a Saturday for it. */
const reception = openingHours({
  resourceType: 'HealthcareService',
  extension: [
    {
      url: 'https://w3id.org/zhuanzhen/StructureDefinition/working-day',
      valuePeriod: { start: '2026-10-10', end: '2026-10-10' },
    },
  ],
  availableTime: [
    {
      daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
      availableStartTime: '08:00:00',
      availableEndTime: '12:00:00',
    },
    {
      daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
      availableStartTime: '14:00:00',
      availableEndTime: '18:00:00',
    },
  ],
  notAvailable: [{ description: '国庆节', during: { start: '2026-10-01', end: '2026-10-07' } }],
});

describe('a clock that counts opening hours', () => {
  test.each([
    ['within the morning', '2026-11-27T09:00', 2, '2026-11-27T11:00'],
    ['over noon', '2026-11-27T11:00', 2, '2026-11-27T15:00'],
    ['over a weekend', '2026-11-27T17:00', 2, '2026-11-30T09:00'],
    ['from a night on', '2026-11-26T23:00', 1, '2026-11-27T09:00'],
    ['over National Day', '2026-09-30T17:00', 2, '2026-10-08T09:00'],
    ['on a Saturday that is worked for it', '2026-10-09T17:30', 1, '2026-10-10T08:30'],
  ])('%s', (_, from, hours, until) => {
    expect(new Date(afterOpenTime(reception, at(from), hours * hour))).toEqual(new Date(at(until)));
  });

  test('counts a night shift over midnight, and hours that overlap once', () => {
    const night = openingHours({
      resourceType: 'HealthcareService',
      availableTime: [
        { availableStartTime: '20:00:00', availableEndTime: '06:00:00' },
        { daysOfWeek: ['fri'], availableStartTime: '19:00:00', availableEndTime: '21:00:00' },
      ],
    });
    const due = (from: string, hours: number) => new Date(afterOpenTime(night, at(from), hours * hour));
    expect(due('2026-11-26T23:00', 4)).toEqual(new Date(at('2026-11-27T03:00')));
    expect(due('2026-11-27T05:00', 4)).toEqual(new Date(at('2026-11-27T22:00')));
  });

  test('gives back the time that it was given: what lies between is open time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 * 24 }),
        fc.integer({ min: 1, max: 100 * 60 }),
        (start, minutes) => {
          const from = at('2026-01-01T00:00') + start * hour;
          const until = afterOpenTime(reception, from, minutes * 60_000);
          expect(openTimeBetween(reception, from, until)).toBe(minutes * 60_000);
        },
      ),
    );
  });

  test('of a service that is never open runs by the calendar', () => {
    const never = openingHours({
      resourceType: 'HealthcareService',
      availableTime: [{ daysOfWeek: [], allDay: true }],
    });
    expect(afterOpenTime(never, at('2026-11-27T09:00'), hour)).toBe(at('2026-11-27T10:00'));
  });
});
