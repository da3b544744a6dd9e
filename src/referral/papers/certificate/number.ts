import { randomInt } from 'node:crypto';
import { checkCharacter } from './check-character.ts';

/** Digits and capital letters without those that are taken for others: I, L, O and U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** So many characters are drawn by chance: 60 bits, so that no two are the same and none can be guessed. */
const drawn = 12;

/** A number of a certificate as it is kept: what is drawn by chance, and its check character. */
export function newNumber(): string {
  for (;;) {
    const text = Array.from({ length: drawn }, () => alphabet[randomInt(alphabet.length)]).join('');
    const check = checkCharacter(text);
    // A check character that reads badly: draw again.
    if (alphabet.includes(check)) return text + check;
  }
}

/**
 * A number as it is kept, of what a person typed: in capitals, without spaces and hyphens, O read as 0, I and L as 1.
 * Undefined: it is none. Whether its check character is right is not looked at.
 */
export function readNumber(typed: string): string | undefined {
  const number = typed.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return /^[0-9A-Z]{12}[0-9A-Z*]$/.test(number) ? number : undefined;
}

/** A number as people read it, in groups of four. */
export function printedNumber(number: string): string {
  return number.replace(/(.{4})(?=.)/g, '$1-');
}
