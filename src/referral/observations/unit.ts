import { canonicalUnit } from '../../fhir/units.ts';

/**
 * A value in another UCUM unit of the same kind, scales such as Celsius and Fahrenheit among them; undefined where the
 * units do not convert. Twelve digits count.
 */
export function converted(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const [source, target] = [canonicalUnit(from), canonicalUnit(to)];
  if (!source || source.code !== target?.code) return undefined;
  const zero = target.convert(0);
  return Number(((source.convert(value) - zero) / (target.convert(1) - zero)).toPrecision(12));
}
