import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { refusals, refuse } from '../fhir/refusal.ts';
import { NotInForce } from '../interactions/not-in-force.ts';
import { asRefusal, reportTo } from './as-refusal.ts';

function journal() {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });
  return { log, lines };
}

test('a stored resource that does not hold is told in words, with where it is kept', () => {
  const { log, lines } = journal();
  reportTo(log)(new NotInForce('ValueSet/a', 'it is too large to validate by'));
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 40,
      resource: 'ValueSet/a',
      reason: 'it is too large to validate by',
      msg: 'a stored resource is not in force',
    },
  ]);
});

test('a defect is logged by its name and where it arose, without its message, which may quote data', () => {
  const { log, lines } = journal();
  const refusal = asRefusal(new TypeError('cannot read 王小明'), log, 'a-number');
  expect(refusal.status).toBe(500);
  expect(refusal.message).toContain('a-number');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('TypeError');
  expect(lines[0]).not.toContain('王小明');
});

test('a Refusal stays what it is, and is no matter for the log', () => {
  const { log, lines } = journal();
  const refusal = refuse(refusals.idMismatch, ['a', 'b']);
  expect(asRefusal(refusal, log, 'a-number')).toBe(refusal);
  expect(lines).toEqual([]);
});
