import { type Digits, digits } from './digits.ts';
import { rawNumber } from './raw-number.ts';

/** The JSON of a value, with the decimals that `parseJson` read digit for digit. */
export function serialise(value: object): string {
  return digits in value ? JSON.stringify(value, restoreDigits) : JSON.stringify(value);
}

function restoreDigits(this: Digits, name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const source = this[digits]?.[name];
  // The digits of a value that was since replaced by another are stale.
  return source !== undefined && Number(source) === value ? rawNumber(source) : value;
}
