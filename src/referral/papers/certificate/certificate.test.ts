import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkCharacter } from './check-character.ts';
import { createMissLimit } from './miss-limit.ts';
import { newNumber, printedNumber, readNumber } from './number.ts';

const characters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const texts = fc.array(fc.constantFrom(...characters), { minLength: 2, maxLength: 20 });

describe('the check character (ISO/IEC 7064 MOD 37-2)', () => {
  test('is the one that blood donations have: G123 498 654 321 H (ISBT 128)', () => {
    expect(checkCharacter('G123498654321')).toBe('H');
  });

  test('tells one character that is mistaken', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.constantFrom(...characters), (text, at, other) => {
        const wrong = text.with(at % text.length, other);
        fc.pre(wrong.join('') !== text.join(''));
        expect(checkCharacter(wrong.join(''))).not.toBe(checkCharacter(text.join('')));
      }),
    );
  });

  test('tells two characters that are swapped', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (text, one, other) => {
        const [a, b] = [one % text.length, other % text.length];
        const swapped = text.with(a, text[b]!).with(b, text[a]!);
        fc.pre(swapped.join('') !== text.join(''));
        expect(checkCharacter(swapped.join(''))).not.toBe(checkCharacter(text.join('')));
      }),
    );
  });
});

describe('the number of a certificate', () => {
  test('has its check character, and no character that is taken for another', () => {
    const numbers = Array.from({ length: 500 }, newNumber);
    expect(new Set(numbers).size).toBe(500);
    for (const number of numbers) {
      expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{13}$/);
      expect(checkCharacter(number.slice(0, -1))).toBe(number.at(-1));
    }
  });

  test('is read as it is printed, however it is typed', () => {
    expect(printedNumber('7K3F9QXM2RTB1')).toBe('7K3F-9QXM-2RTB-1');
    for (const typed of ['7K3F-9QXM-2RTB-1', ' 7k3f 9qxm 2rtb l', '7K3F9QXM2RTBI'])
      expect(readNumber(typed)).toBe('7K3F9QXM2RTB1');
    for (const typed of ['', '7K3F-9QXM', '7K3F-9QXM-2RTB-12', '转诊证明', '7K3F-9QXM-2RT*-1'])
      expect(readNumber(typed)).toBeUndefined();
  });
});

describe('the limit of misses', () => {
  const settings = { most: 3, regain: 10_000, clients: 2 };

  test('a client that has missed too often waits, and others do not', () => {
    let now = 0;
    const limit = createMissLimit({ ...settings, now: () => now });
    for (let misses = 0; misses < 3; misses++) {
      expect(limit.wait('a')).toBe(0);
      limit.miss('a');
    }
    expect(limit.wait('a')).toBe(10);
    expect(limit.wait('b')).toBe(0);
    now = 4_500;
    expect(limit.wait('a')).toBe(6);
    now = 10_000;
    expect(limit.wait('a')).toBe(0);
    limit.miss('a');
    expect(limit.wait('a')).toBe(10);
  });

  test('remembers no more clients than it may: the one that missed longest ago is forgotten', () => {
    const limit = createMissLimit({ ...settings, now: () => 0 });
    for (const client of ['a', 'a', 'a', 'b', 'b', 'b']) limit.miss(client);
    expect([limit.wait('a'), limit.wait('b')]).toEqual([10, 10]);
    limit.miss('c');
    expect([limit.wait('a'), limit.wait('b')]).toEqual([0, 10]);
  });
});
