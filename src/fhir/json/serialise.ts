import { type Digits, digits } from './digits.ts';

/** The JSON of a value, with the decimals that `parseJson` read digit for digit. `indent` as in JSON.stringify. */
export function serialise(value: object, indent?: number): string {
  return digits in value ? JSON.stringify(value, restoreDigits, indent) : JSON.stringify(value, null, indent);
}

function restoreDigits(this: Digits, name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const source = this[digits]?.[name];
  // The digits of a value that was since replaced by another are stale.
  return source !== undefined && Number(source) === value ? rawJson(source) : value;
}

/** JSON.rawJSON is in Node 22 and later, but not yet in TypeScript's library. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
