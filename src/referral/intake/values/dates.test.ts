import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDate, serialDate } from './dates.ts';

describe('a date as people write it', () => {
  test.each([
    ['2026-01-05', '2026-01-05'],
    ['2026/1/5', '2026-01-05'],
    ['2026.1.5', '2026-01-05'],
    ['20260105', '2026-01-05'],
    ['2026年1月5日', '2026-01-05'],
    ['2026 年 01 月 05 日', '2026-01-05'],
    ['2026/1/5', '2026-01-05'],
    [' 2026-1-5 ', '2026-01-05'],
    ['46027', '2026-01-05'],
    [46027, '2026-01-05'],
    [20260105, '2026-01-05'],
    ['2024-02-29', '2024-02-29'],
  ])('%p is %s', (written, date) => {
    expect(readDate(written)).toEqual({ date });
  });

  test.each([
    ['2026-01-05 9:30', '09:30:00+08:00'],
    ['2026/1/5 9:05:07', '09:05:07+08:00'],
    ['2026-01-05T09:30:00Z', '09:30:00Z'],
    ['2026-01-05T09:30:00.123+0800', '09:30:00+08:00'],
    ['202601050930', '09:30:00+08:00'],
    ['20260105 093015', '09:30:15+08:00'],
    ['2026年1月5日 下午2:30', '14:30:00+08:00'],
    ['2026年1月5日14时30分', '14:30:00+08:00'],
    ['2026年1月5日 上午12点', '00:00:00+08:00'],
    ['2026/1/5 2:30 PM', '14:30:00+08:00'],
    [46027.5, '12:00:00+08:00'],
  ])('%p has the time %s', (written, time) => {
    expect(readDate(written)).toEqual({ date: '2026-01-05', time });
  });

  test.each([
    ['5/1/2026', 'ambiguous'],
    ['05-01-26', 'ambiguous'],
    ['26/1/5', 'ambiguous'],
    ['1.5.2026 9:30', 'ambiguous'],
    ['2026-02-30', 'impossible'],
    ['2026-13-01', 'impossible'],
    ['20261301', 'impossible'],
    ['2026-01-05 25:00', 'impossible'],
    ['2026-01-05 9:75', 'impossible'],
    ['0001-01-01', 'impossible'],
    ['昨天', 'unreadable'],
    ['2026-01', 'unreadable'],
    ['2026-01-05 早上', 'unreadable'],
    ['', 'unreadable'],
    [-1, 'unreadable'],
  ])('%p is %s', (written, problem) => {
    expect(readDate(written)).toEqual({ problem });
  });

  test('is the same in every way of writing it', () => {
    const days = fc.date({ min: new Date('1900-03-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (instant) => {
        const date = instant.toISOString().slice(0, 10);
        const [year, month, day] = date.split('-').map(Number);
        const serial = Math.floor((Date.parse(date) - Date.UTC(1899, 11, 30)) / 86_400_000);
        for (const written of [
          `${year}/${month}/${day}`,
          `${year}年${month}月${day}日`,
          date.replaceAll('-', ''),
        ])
          expect(readDate(written)).toEqual({ date });
        expect(serialDate(serial)).toBe(date);
      }),
    );
  });
});
