import type { Element } from '../../../src/fhir/resource.ts';
import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#date and #prefix */
const observed = (id: string, effective: Element) => a('Observation', id, effective);
const on = (id: string, effectiveDateTime: string) => observed(id, { effectiveDateTime });
const during = (id: string, start?: string, end?: string) =>
  observed(id, { effectivePeriod: { ...(start && { start }), ...(end && { end }) } });

/** A time of the server's own time zone: a resource cannot state a time without any. */
function local(time: string): string {
  const minutes = -new Date(time).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return `${time}:00${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}

const midnight = on('midnight', local('2013-01-14T00:00'));
const ten = on('ten', local('2013-01-14T10:00'));
const nextMidnight = on('next-midnight', local('2013-01-15T00:00'));
const day = on('day', '2013-01-14');

const from21Jan = during('from-21-Jan', '2013-01-21');
const from15Mar = during('from-15-Mar', '2013-03-15');
const to21Jan = during('to-21-Jan', undefined, '2013-01-21');

const years = [
  on('year', '2013'),
  on('month', '2013-05'),
  on('first', '2013-01-01'),
  on('last', '2013-12-31'),
];
const around = [on('before', '2012-12-31'), on('after', '2014-01-01')];

export const date: Table[] = [
  {
    clause: 'the table of the prefixes: points in time',
    given: [midnight, ten, nextMidnight, day],
    finds: [
      ['Observation?date=eq2013-01-14', 'midnight ten day'],
      ['Observation?date=2013-01-14', 'midnight ten day'],
      ['Observation?date=ne2013-01-14', 'next-midnight'],
      ['Observation?date=lt2013-01-14T10:00', 'midnight day'],
      ['Observation?date=gt2013-01-14T10:00', 'next-midnight day'],
      ['Observation?date=eq2013-01-14T10:00', 'ten'],
      ['Observation?date=ge2013-01-14T10:00', 'ten next-midnight day'],
      ['Observation?date=le2013-01-14T10:00', 'midnight ten day'],
      ['Observation?date=sa2013-01-14', 'next-midnight'],
      ['Observation?date=eb2013-01-15', 'midnight ten day'],
      ['Observation?date=sa2013-01-14T00:00', 'ten next-midnight'],
    ],
  },
  {
    clause:
      'the table of the prefixes: "a missing lower boundary is less than any actual date", an upper one greater',
    given: [from21Jan, from15Mar, to21Jan],
    finds: [
      ['Observation?date=ge2013-03-14', 'from-21-Jan from-15-Mar'],
      ['Observation?date=le2013-03-14', 'from-21-Jan to-21-Jan'],
      ['Observation?date=sa2013-03-14', 'from-15-Mar'],
      ['Observation?date=eb2013-03-14', 'to-21-Jan'],
      ['Observation?date=gt2013-03-14', 'from-21-Jan from-15-Mar'],
      ['Observation?date=lt2013-03-14', 'from-21-Jan to-21-Jan'],
      ['Observation?date=lt0001', 'to-21-Jan'],
      ['Observation?date=gt9998', 'from-21-Jan from-15-Mar'],
      ['Observation?date=eq2013', ''],
      ['Observation?date=ne2013', 'from-21-Jan from-15-Mar to-21-Jan'],
      ['Observation?date:missing=true', ''],
    ],
  },
  {
    clause: 'ap: "10% of the gap between now and the date"',
    given: [on('exact', '2013-03-14'), on('near', '2013-01-21'), on('far', '1999-06-15'), on('open', '2013')],
    finds: [
      ['Observation?date=ap2013-03-14', 'exact near open'],
      ['Observation?date=ap1999-06-15', 'far'],
    ],
  },
  {
    clause:
      '"Dates with only the year specified are equivalent to an interval that starts at the first instant of January 1st to the last instant of December 31st"',
    given: [...years, ...around],
    finds: [
      ['Observation?date=2013', 'year month first last'],
      ['Observation?date=ne2013', 'before after'],
      ['Observation?date=gt2013', 'after'],
      ['Observation?date=ge2013', 'year month first last after'],
      ['Observation?date=lt2013', 'before'],
      ['Observation?date=le2013', 'year month first last before'],
      ['Observation?date=sa2013', 'after'],
      ['Observation?date=eb2013', 'before'],
    ],
  },
  {
    clause:
      '"Dates with the year and month are equivalent to an interval that starts at the first instant of the first day of the month"',
    given: [...years, ...around],
    finds: [
      ['Observation?date=2013-05', 'month'],
      ['Observation?date=ne2013-05', 'year first last before after'],
      ['Observation?date=gt2013-05', 'year last after'],
      ['Observation?date=lt2013-05', 'year first before'],
      ['Observation?date=ge2013-05', 'year month last after'],
      ['Observation?date=le2013-05', 'year month first before'],
      ['Observation?date=sa2013-05', 'last after'],
      ['Observation?date=eb2013-05', 'first before'],
      ['Observation?date=2013-01', 'first'],
      ['Observation?date=2012-12', 'before'],
      ['Observation?date=2013-01-01,2013-12-31', 'first last'],
    ],
  },
  {
    clause: 'minutes, seconds and fractions of a second: what is not stated is open',
    given: [
      on('start', '2013-01-14T10:00:00Z'),
      on('half', '2013-01-14T10:00:00.500Z'),
      on('half-and-one', '2013-01-14T10:00:00.501Z'),
      on('thirty', '2013-01-14T10:00:30Z'),
      on('next', '2013-01-14T10:01:00Z'),
    ],
    finds: [
      ['Observation?date=2013-01-14T10:00Z', 'start half half-and-one thirty'],
      ['Observation?date=2013-01-14T10:00:00Z', 'start half half-and-one'],
      ['Observation?date=2013-01-14T10:00:30Z', 'thirty'],
      ['Observation?date=2013-01-14T10:00:00.5Z', 'half half-and-one'],
      ['Observation?date=2013-01-14T10:00:00.500Z', 'half'],
      ['Observation?date=2013-01-14T10:00:00.501Z', 'half-and-one'],
      ['Observation?date=gt2013-01-14T10:00Z', 'next'],
      ['Observation?date=gt2013-01-14T10:00:00.500Z', 'start half-and-one thirty next'],
      ['Observation?date=lt2013-01-14T10:00:30Z', 'start half half-and-one'],
      ['Observation?date=sa2013-01-14T10:00:00.5Z', 'thirty next'],
      ['Observation?date=eb2013-01-14T10:00:00.5Z', ''],
    ],
  },
  {
    clause: '"Where possible, the system should correct for time zones when performing queries"',
    given: [
      on('shanghai', '2013-01-14T18:00:00+08:00'),
      on('utc', '2013-01-14T10:00:00Z'),
      on('newfoundland', '2013-01-14T06:30:00-03:30'),
      on('other', '2013-01-14T18:00:00Z'),
    ],
    finds: [
      ['Observation?date=2013-01-14T10:00:00Z', 'shanghai utc newfoundland'],
      ['Observation?date=2013-01-14T18:00:00+08:00', 'shanghai utc newfoundland'],
      ['Observation?date=2013-01-14T06:30-03:30', 'shanghai utc newfoundland'],
      ['Observation?date=2013-01-14T18:00Z', 'other'],
      ['Observation?date=gt2013-01-14T18:00+08:00', 'other'],
      ['Observation?date=lt2013-01-15T01:59:59+08:00', 'shanghai utc newfoundland'],
    ],
  },
  {
    clause:
      '"The date 2015-08-12 has an implicit range of all the time during that day", its last instant included',
    given: [
      on('first', local('2015-08-12T00:00')),
      on('last', local('2015-08-12T23:59').replace(':00+', ':59.999+').replace(':00-', ':59.999-')),
      on('next', local('2015-08-13T00:00')),
    ],
    finds: [
      ['Observation?date=2015-08-12', 'first last'],
      ['Observation?date=sa2015-08-12', 'next'],
      ['Observation?date=gt2015-08-12', 'next'],
      ['Observation?date=eb2015-08-13', 'first last'],
    ],
  },
  {
    clause: 'Period is "explicit, though the upper or lower bound might not actually be specified"',
    given: [
      during('inside', '2013-01-10', '2013-01-20'),
      during('over-end', '2013-01-20', '2013-02-10'),
      during('over-start', '2012-12-20', '2013-01-02'),
      during('around', '2012-12-20', '2013-02-10'),
      during('after', '2013-02-01', '2013-02-10'),
    ],
    finds: [
      ['Observation?date=2013-01', 'inside'],
      ['Observation?date=ne2013-01', 'over-end over-start around after'],
      ['Observation?date=gt2013-01', 'over-end around after'],
      ['Observation?date=lt2013-01', 'over-start around'],
      ['Observation?date=ge2013-01', 'inside over-end around after'],
      ['Observation?date=le2013-01', 'inside over-start around'],
      ['Observation?date=sa2013-01', 'after'],
      ['Observation?date=eb2013-02', 'inside over-start'],
      ['Observation?date=ge2013-01-15&date=le2013-01-15', 'inside around'],
    ],
  },
  {
    clause: 'Timing: "the specified scheduling details are ignored and only the outer limits matter"',
    given: [
      observed('every-second-day', {
        effectiveTiming: {
          repeat: {
            boundsPeriod: { start: '2013-01-31', end: '2013-03-24' },
            frequency: 1,
            period: 2,
            periodUnit: 'd',
          },
        },
      }),
      observed('events', { effectiveTiming: { event: ['2013-03-24', '2013-01-31'] } }),
    ],
    finds: [
      ['Observation?date=le2013-02-01&date=ge2013-02-01', 'every-second-day events'],
      ['Observation?date=2013', 'every-second-day events'],
      ['Observation?date=2013-02', ''],
      ['Observation?date=sa2013-01-30', 'every-second-day events'],
      ['Observation?date=sa2013-01-31', ''],
      ['Observation?date=eb2013-03-25', 'every-second-day events'],
      ['Observation?date=eb2013-03-24', ''],
    ],
  },
  {
    clause: 'instant: "a fixed point in time"',
    given: [a('AuditEvent', 'login', { recorded: '2020-05-05T05:05:05.005Z' })],
    finds: [
      ['AuditEvent?date=2020-05-05T05:05:05.005Z', 'login'],
      ['AuditEvent?date=2020-05-05T05:05Z', 'login'],
      ['AuditEvent?date=gt2020-05-05T05:05:05.004Z', 'login'],
      ['AuditEvent?date=gt2020-05-05T05:05:05.005Z', ''],
      ['AuditEvent?date=le2020-05-05T05:05:05.005Z', 'login'],
    ],
  },
  {
    clause: 'date: "The range of the value is the day, month, or year as specified"',
    given: [
      a('Patient', 'year', { birthDate: '1962' }),
      a('Patient', 'month', { birthDate: '1962-03' }),
      a('Patient', 'leap-day', { birthDate: '1964-02-29' }),
      a('Patient', 'none'),
    ],
    finds: [
      ['Patient?birthdate=1962', 'year month'],
      ['Patient?birthdate=1962-03', 'month'],
      ['Patient?birthdate=1964-02-29', 'leap-day'],
      ['Patient?birthdate=1964-02', 'leap-day'],
      ['Patient?birthdate=ge1963', 'leap-day'],
      ['Patient?birthdate=1962,1964', 'year month leap-day'],
      ['Patient?birthdate:missing=true', 'none'],
      ['Patient?birthdate=le1995&birthdate=gt1963', 'leap-day'],
    ],
  },
  {
    clause:
      '"A data time parameter may have incorrect format", "minutes SHALL be present if an hour is present"',
    given: [],
    refuses: [
      ['Condition?onset-date=23 May 2009', 'onset-date'],
      ['Patient?birthdate=2013-13', 'birthdate'],
      ['Patient?birthdate=2013-02-29', 'birthdate'],
      ['Patient?birthdate=2013-1-1', 'birthdate'],
      ['Patient?birthdate=13', 'birthdate'],
      ['Observation?date=2013-01-14T10', 'date'],
      ['Observation?date=2013-01-14T10:61', 'date'],
      ['Observation?date=xx2013-01-14', 'date'],
      ['Observation?date=ge', 'date'],
      ['Condition?onset-date:text=1995', 'onset-date'],
    ],
  },
];
