import { refuse } from '../../../fhir/refusal.ts';
import { intakeRefusals } from '../refusals.ts';
import { readCsv } from './csv.ts';
import { readJsonRows } from './json.ts';
import type { Sent } from './sent.ts';
import { decode } from './text.ts';

/** The media type of XLSX workbooks. */
export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What is read by its media type; what others send without meaning it, such as curl, is told by its first bytes. */
const formats: Readonly<Record<string, 'json' | 'csv' | 'xlsx' | 'any'>> = {
  'application/json': 'json',
  'text/json': 'json',
  'text/csv': 'csv',
  'application/csv': 'csv',
  'application/vnd.ms-excel': 'any',
  [xlsxType]: 'xlsx',
  'text/plain': 'any',
  'application/octet-stream': 'any',
  'application/x-www-form-urlencoded': 'any',
};

/**
 * Reads the rows of a body by its media type and charset. Refuses with 415 a type that is none of JSON, CSV and XLSX, and
 * with what each reader refuses.
 */
export async function readRows(
  bytes: Uint8Array,
  type: string | undefined,
  charset: string | undefined,
): Promise<Sent> {
  const format = formats[type ?? 'application/octet-stream'];
  if (format === undefined)
    throw refuse(intakeRefusals.mediaType, [type!.slice(0, 100), `application/json, text/csv, ${xlsxType}`]);
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) throw refuse(intakeRefusals.oldExcel);
  if (format === 'xlsx' || (format === 'any' && startsWith(bytes, 0x50, 0x4b)))
    return (await import('./xlsx.ts')).readXlsx(bytes);
  const text = decode(bytes, charset);
  const isJson = format === 'json' || (format === 'any' && /^\s*[{[]/.test(text));
  return isJson ? readJsonRows(text) : readCsv(text);
}

function startsWith(bytes: Uint8Array, ...beginning: number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte);
}
