import { expect, test } from '@jest/globals';
import { nearest } from './nearest.ts';

const names = [
  'birthdate',
  'family',
  'given',
  'gender',
  'identifier',
  'general-practitioner',
  '_count',
  'name',
];

test.each([
  ['birthDate', ['birthdate']],
  ['brithdate', ['birthdate']],
  ['identifer', ['identifier']],
  ['general', ['general-practitioner']],
  ['_cuont', ['_count']],
  ['nmae', ['name']],
  ['colour', []],
  ['x', []],
  ['', []],
])('%s is probably %j', (name, meant) => {
  expect(nearest(name, names)).toEqual(meant);
});
