import { findings } from './findings/findings.ts';
import type { FindingKind } from './findings/kind.ts';

/** Checks a value of a primitive type: gives what is wrong with it, or undefined. */
export type Format = (value: unknown) => FindingKind | undefined;

const longestString = 1024 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const space = /\s/;

const datePattern = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;
const timePattern = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/;
const momentPattern =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?$/;
const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
const codePattern = /^\S+(?:\s\S+)*$/;
const canonicalPattern = /^(?:#|[A-Za-z][A-Za-z0-9+.-]*:)/;
const oidPattern = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const uuidPattern = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The formats of the primitive types, by name (http://hl7.org/fhir/R4/datatypes.html#primitive). */
export const formats: Readonly<Record<string, Format>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : findings.notBoolean),
  integer: (value) => integer(value, -2147483648),
  unsignedInt: (value) => integer(value, 0),
  positiveInt: (value) => integer(value, 1),
  decimal: (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : findings.notNumber),
  string,
  markdown: string,
  code: (value) => string(value) ?? matches(codePattern, value, findings.codeFormat),
  id: (value) => string(value) ?? matches(idPattern, value, findings.idFormat),
  uri,
  url: uri,
  canonical: (value) => uri(value) ?? matches(canonicalPattern, value, findings.canonicalFormat),
  oid: (value) => string(value) ?? matches(oidPattern, value, findings.oidFormat),
  uuid: (value) => string(value) ?? matches(uuidPattern, value, findings.uuidFormat),
  date: (value) => string(value) ?? date(value as string),
  dateTime: (value) => string(value) ?? dateTime(value as string),
  instant: (value) => string(value) ?? moment(value as string, findings.instantFormat),
  time: (value) => string(value) ?? matches(timePattern, value, findings.timeFormat),
  base64Binary: (value) => string(value, Number.POSITIVE_INFINITY) ?? base64(value as string),
};

function matches(pattern: RegExp, value: unknown, otherwise: FindingKind): FindingKind | undefined {
  return pattern.test(value as string) ? undefined : otherwise;
}

function integer(value: unknown, lowest: number): FindingKind | undefined {
  if (typeof value !== 'number') return findings.notNumber;
  if (!Number.isInteger(value)) return findings.notInteger;
  return value >= lowest && value <= 2147483647 ? undefined : findings.integerRange;
}

function string(value: unknown, longest = longestString): FindingKind | undefined {
  if (typeof value !== 'string') return findings.notString;
  if (value === '') return findings.emptyString;
  if (value.length > longest) return findings.tooLong;
  return control.test(value) ? findings.controlCharacter : undefined;
}

function uri(value: unknown): FindingKind | undefined {
  const problem = string(value);
  if (problem) return problem;
  const text = value as string;
  if (space.test(text)) return findings.uriFormat;
  if (!text.startsWith('urn:')) return undefined;
  if (text.startsWith('urn:oid:')) return matches(oidPattern, text, findings.oidFormat);
  if (text.startsWith('urn:uuid:')) return matches(uuidPattern, withoutSuffix(text), findings.uuidFormat);
  return undefined;
}

/** A canonical or a reference may go on after the UUID with a version or a fragment. */
function withoutSuffix(urn: string): string {
  return urn.split(/[|#]/, 1)[0]!;
}

function date(value: string): FindingKind | undefined {
  const parts = datePattern.exec(value);
  if (!parts) return findings.dateFormat;
  return inCalendar(parts) ? undefined : findings.noSuchDate;
}

function dateTime(value: string): FindingKind | undefined {
  return value.includes('T')
    ? moment(value, findings.dateTimeFormat)
    : date(value) && findings.dateTimeFormat;
}

function moment(value: string, otherwise: FindingKind): FindingKind | undefined {
  const parts = momentPattern.exec(value);
  if (!parts) return otherwise;
  if (parts[4] === undefined) return findings.noTimezone;
  return inCalendar(parts) ? undefined : findings.noSuchDate;
}

function inCalendar(parts: RegExpExecArray): boolean {
  const year = Number(parts[1]);
  if (year === 0) return false;
  if (parts[3] === undefined) return true;
  const day = Number(parts[3]);
  if (day <= 28) return true;
  const month = Number(parts[2]);
  if (month === 2) return day === 29 && (year % 4 === 0 ? year % 100 !== 0 || year % 400 === 0 : false);
  return day <= 30 || (month < 8 ? month % 2 === 1 : month % 2 === 0);
}

/**
 * Base64 as RFC 4648 has it; whitespace may stand between the characters, as the R4 pattern allows. Read once by
 * hand, since the pattern of the specification backtracks without end on some input.
 */
function base64(value: string): FindingKind | undefined {
  let characters = 0;
  let padding = 0;
  for (let at = 0; at < value.length; at++) {
    const c = value.charCodeAt(at);
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) continue;
    if (c === 0x3d) padding++;
    else if (padding > 0 || !isBase64(c)) return findings.base64Format;
    characters++;
  }
  return characters % 4 === 0 && padding <= 2 ? undefined : findings.base64Format;
}

function isBase64(c: number): boolean {
  return (
    (c >= 0x61 && c <= 0x7a) ||
    (c >= 0x41 && c <= 0x5a) ||
    (c >= 0x30 && c <= 0x39) ||
    c === 0x2b ||
    c === 0x2f
  );
}
