/** What a number in a search stands for: itself, and the range that its digits imply. */
export interface ImpliedRange {
  value: number;
  /** Included. */
  low: number;
  /** Excluded. */
  high: number;
}

const pattern = /^([+-]?)(\d{1,30})(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal of a search and the range that its significant digits imply: 100 is [99.5, 100.5), 100.00 is
 * [99.995, 100.005), 1e2 is [95, 105) (http://hl7.org/fhir/R4/search.html#number). By that last example a single digit with an
 * exponent counts as if a zero came after it. Undefined when it is no decimal.
 */
export function impliedRange(text: string): ImpliedRange | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, whole, decimals = '', exponent] = match;
  const isSingle = exponent !== undefined && /^0*\d$/.test(whole!) && decimals === '';
  const digits = isSingle ? '0' : decimals;
  const power = Number(exponent ?? 0) - digits.length;
  const mantissa = BigInt(`${whole}${digits}`) * (sign === '-' ? -1n : 1n);
  // One digit more than given, so that half a unit of the last one is a whole number: no error before the last step.
  const at = (tenths: bigint) => Number(`${mantissa * 10n + tenths}e${power - 1}`);
  const range = { value: Number(text), low: at(-5n), high: at(5n) };
  return Number.isFinite(range.low) && Number.isFinite(range.high) ? range : undefined;
}

/** The next number above; for ends that are not part of a range. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  buffer[0] = value;
  bits[0] = bits[0]! + (value > 0 ? 1n : -1n);
  return buffer[0];
}

/** The next number below. */
export function nextDown(value: number): number {
  return -nextUp(-value);
}

const buffer = new Float64Array(1);
const bits = new BigInt64Array(buffer.buffer);
