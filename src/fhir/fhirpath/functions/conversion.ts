import { empty, type Items, operand, optional, single } from '../node.ts';
import { duration, Quantity } from '../quantity.ts';
import { parseDate, parseDateTime, parseTime, Temporal } from '../temporal.ts';
import { type FunctionDefinition, type FunctionTable, plain } from './function.ts';

type Converted = string | number | boolean | Temporal | Quantity | undefined;

/** Each gives undefined for what it cannot convert (http://hl7.org/fhirpath/N1/#conversion). */
const converters: Record<string, (value: unknown) => Converted> = {
  Boolean: (value) => {
    if (typeof value === 'boolean') return value;
    if (value === 1 || (typeof value === 'string' && /^(true|t|yes|y|1|1\.0)$/i.test(value))) return true;
    return value === 0 || (typeof value === 'string' && /^(false|f|no|n|0|0\.0)$/i.test(value))
      ? false
      : undefined;
  },
  Integer: (value) => {
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? Number.parseInt(value, 10) : undefined;
    return Number.isInteger(value) ? (value as number) : undefined;
  },
  Decimal: (value) => {
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'string')
      return /^[+-]?\d+(\.\d+)?$/.test(value) ? Number.parseFloat(value) : undefined;
    return typeof value === 'number' ? value : undefined;
  },
  String: (value) => (isSystemValue(value) ? String(value) : undefined),
  Date: (value) => {
    if (value instanceof Temporal && value.kind !== 'Time') return parseDate(value.text.split('T', 1)[0]!);
    return typeof value === 'string' ? parseDate(value) : undefined;
  },
  DateTime: (value) => {
    if (value instanceof Temporal && value.kind !== 'Time') return parseDateTime(value.text);
    return typeof value === 'string' ? parseDateTime(value) : undefined;
  },
  Time: (value) => {
    if (value instanceof Temporal && value.kind === 'Time') return value;
    return typeof value === 'string' ? parseTime(value) : undefined;
  },
  Quantity: (value) => {
    if (typeof value === 'number' || typeof value === 'boolean')
      return new Quantity(Number(value), '1', false);
    return typeof value === 'string' ? quantityFrom(value) : value instanceof Quantity ? value : undefined;
  },
};

function isSystemValue(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Temporal || value instanceof Quantity;
}

function quantityFrom(text: string): Quantity | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|([a-zA-Z]+))?$/.exec(text);
  if (!match) return undefined;
  const [, value, code, word] = match;
  return word ? duration(Number(value), word) : new Quantity(Number(value), code ?? '1', false);
}

export const conversion: FunctionTable = Object.fromEntries(
  Object.entries(converters).flatMap(([name, convert]): [string, FunctionDefinition][] => [
    [`to${name}`, plain((items) => optional(converted(items, convert)))],
    [
      `convertsTo${name}`,
      plain((items) => (items.length === 0 ? empty : [converted(items, convert) !== undefined])),
    ],
  ]),
);

function converted(items: Items, convert: (value: unknown) => Converted): Converted {
  const item = single(items);
  const value = item === undefined ? undefined : operand(item);
  return value == null ? undefined : convert(value);
}
