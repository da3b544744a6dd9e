import { expect, test } from '@jest/globals';
import { isExpressionConstraint } from './expression-constraint.ts';

test.each([
  '404684003',
  '404684003 |Clinical finding|',
  '<< 73211009 |Diabetes mellitus|',
  '< 19829001 OR < 301867009',
  '(< 19829001 AND < 301867009) MINUS ^ 700043003',
  '*',
  '< 404684003: 363698007 = << 39057004, 116676008 = << 415582006',
  '< 404684003: { 363698007 = << 39057004, 116676008 = << 415582006 }',
  '< 373873005: [1..3] 127489000 = < 105590001',
  '< 27658006: 1142135004 >= #250',
  '< 105590001 . 363698007',
  '<< 64572001 {{ term = "heart" }}',
])('%s is an expression constraint', (text) => {
  expect(isExpressionConstraint(text)).toBe(true);
});

test.each([
  '',
  '234234 << 234234',
  '<< ',
  '< 404684003 :',
  '(< 404684003',
  '< 404684003 AND',
  '< 404684003: 363698007',
  'diabetes?',
  '<< 64572001 {{ term = "heart" ',
])('%s is none', (text) => {
  expect(isExpressionConstraint(text)).toBe(false);
});

test('a text that is made to be slow is judged at once', () => {
  const started = performance.now();
  isExpressionConstraint('('.repeat(9_000));
  isExpressionConstraint('404684003 OR '.repeat(700));
  expect(performance.now() - started).toBeLessThan(1000);
});
