import { expect, test } from '@jest/globals';
import { csvFile, csvOf } from './csv.ts';

test.each(['=1+1', '+1', '-1', '@sum', '\t=1', '  =cmd|calc', '\n@a'])(
  'a text that a spreadsheet would run, %j, has an apostrophe before it',
  (text) => {
    expect(csvOf([[text]]).replace(/^"/, '')).toMatch(/^'/);
  },
);

test.each(['王秀兰', ' 转诊', '1 - 2', "O'Neill", 37.5])('%j stands as it is', (cell) => {
  expect(csvOf([[cell, undefined]])).toBe(`${cell},\r\n`);
});

test('a file begins with what spreadsheet programs take for UTF-8', () => {
  expect(csvFile([['患者'], ['王秀兰']])).toBe('\ufeff患者\r\n王秀兰\r\n');
});
