/** The values of the characters, 0 to 36; the last one stands in check characters only. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*';

/**
 * The check character of ISO/IEC 7064 MOD 37-2 for a text of digits and capital letters: a digit, a capital letter or
 * `*`. It tells every single character that is mistaken and every two that are swapped.
 */
export function checkCharacter(text: string): string {
  let sum = 0;
  for (const character of text) sum = ((sum + alphabet.indexOf(character)) * 2) % 37;
  return alphabet[(38 - sum) % 37]!;
}
