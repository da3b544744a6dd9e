import type { Schema } from './schema.ts';

const text = (pattern: string): Schema => ({ type: 'string', pattern: `^(?:${pattern})$` });

const year = '[0-9]{4}';
const day = '(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01])';
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?';
const zone = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))';

/**
 * What the primitive types are in JSON (http://hl7.org/fhir/R4/datatypes.html#primitive). Expressions are simple enough
 * for every language's engine, and none runs without end.
 */
export const primitives: Readonly<Record<string, Schema>> = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  unsignedInt: { type: 'integer', minimum: 0, maximum: 2_147_483_647 },
  positiveInt: { type: 'integer', minimum: 1, maximum: 2_147_483_647 },
  decimal: { type: 'number' },
  string: { type: 'string', pattern: '\\S' },
  markdown: { type: 'string', pattern: '\\S' },
  xhtml: { type: 'string', pattern: '^\\s*<div' },
  base64Binary: { type: 'string', minLength: 1 },
  code: text('\\S+(?: \\S+)*'),
  id: text('[A-Za-z0-9.-]{1,64}'),
  uri: text('\\S+'),
  url: text('\\S+'),
  canonical: text('\\S+'),
  oid: text('urn:oid:[0-2](?:\\.(?:0|[1-9][0-9]*))+'),
  uuid: text('urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'),
  date: text(`${year}(?:-${day})?)?`),
  dateTime: text(`${year}(?:-${day}(?:T${time}${zone})?)?)?`),
  instant: text(`${year}-${day})T${time}${zone}`),
  time: text(time),
};
