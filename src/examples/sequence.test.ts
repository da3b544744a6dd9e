import { expect, test } from '@jest/globals';
import { bodyOf, filledIn, knownAt, type SequenceRequest } from './sequence.ts';

const request: SequenceRequest = {
  text: { zh: '', en: '' },
  method: 'POST',
  url: '/',
  answer: { status: 200 },
};

test('the days ahead are those of China`s calendar', () => {
  const known = knownAt(Date.parse('2026-12-30T17:00:00Z'));
  expect(filledIn('{tomorrow} {next-week}', known)).toBe('2027-01-01 2027-01-07');
});

test('a name that nothing is known for stays as it is', () => {
  expect(filledIn('/Task/{task}/{other}', new Map([['task', '1']]))).toBe('/Task/1/{other}');
});

test('what is sent is the body, with the texts that stand instead and the ids that are known', () => {
  const body = [{ op: 'add', path: '/note', value: 'Anna, {task}' }];
  const sent = bodyOf({ ...request, body, instead: { Anna: 'Bea' } }, new Map([['task', '1']]));
  expect(JSON.parse(sent!)).toEqual([{ op: 'add', path: '/note', value: 'Bea, 1' }]);
});

test('or a file of the examples; or nothing', () => {
  const sent = bodyOf({ ...request, file: 'valid/01-routine-up-hypertension' }, new Map());
  expect(JSON.parse(sent!)).toMatchObject({ resourceType: 'Bundle', type: 'transaction' });
  expect(bodyOf(request, new Map())).toBeUndefined();
});
