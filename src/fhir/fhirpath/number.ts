/** FHIRPath decimals have eight digits after the point (http://hl7.org/fhirpath/N1/#decimal). */
const step = 1e-8;

function rounded(value: number): number {
  return Math.round(value / step) * step;
}

/** The order of two numbers, as far as FHIRPath's precision goes: `0.1 + 0.2` is `0.3`. */
export function compareNumbers(left: number, right: number): number {
  const difference = left - right;
  return Math.abs(difference) > 2 * step ? difference : rounded(left) - rounded(right);
}

export function equalNumbers(left: number, right: number): boolean {
  return compareNumbers(left, right) === 0;
}

/** Whether two numbers are equal when rounded to the digits of the less precise one. */
export function equivalentNumbers(left: number, right: number): boolean {
  const scale = 10 ** Math.min(places(left), places(right));
  return Math.round(left * scale) === Math.round(right * scale);
}

function places(value: number): number {
  const [, fraction = '', exponent = '0'] = /(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value))!;
  return Math.max(0, fraction.length - Number(exponent));
}
