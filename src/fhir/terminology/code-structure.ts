/**
 * A code of any edition of ICD-10: a letter and two digits, what the edition adds behind a dot, and with a dagger or an
 * asterisk the other code of a pair, as in `A18.000x005+M90.0*`.
 */
const icdCode = /^[A-Z]\d[\dA-Z](?:\.?[\dA-Za-z]{0,12})?(?:[+*†][\dA-Za-z.+*†]{0,16})?$/;

/** So many characters a category of ICD-10 has, e.g. `I10`. */
const category = 3;

/** Whether a code says by itself what is above it, as those of ICD-10 do. */
export function hasStructure(code: string): boolean {
  return icdCode.test(code);
}

/**
 * Whether the hierarchy of a code system is that of its codes: it lists ICD-10 flatly, as the national editions come.
 *
 * @param codes all codes of the system
 */
export function isStructured(codes: Iterable<string>): boolean {
  let some = false;
  for (const code of codes) {
    if (!hasStructure(code)) return false;
    some = true;
  }
  return some;
}

/** The codes above one by the structure of ICD-10, nearest first, be they in a table or not: `I10.x`, `I10` above `I10.x0`. */
export function codesAbove(code: string): string[] {
  const above: string[] = [];
  for (let length = code.length - 1; length >= category; length--)
    if (code[length - 1] !== '.') above.push(code.slice(0, length));
  return above;
}
