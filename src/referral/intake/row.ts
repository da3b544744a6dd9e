import type { ValidateFunction } from 'ajv/dist/2020.js';
import { nearest } from '../../fhir/nearest.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Field, Form } from './fields.ts';
import { intakeLimits } from './limits.ts';
import { columnKey, type Mapping } from './mapping.ts';
import type { Problem } from './problem.ts';
import { isEmpty, type Sent, type SentRow } from './read/sent.ts';
import { compileRowCheck, fieldOfError, fieldsOf, type Schema, schemaOf } from './schema.ts';
import { type Reading, readValue, type Value } from './values/values.ts';

/** A row that is understood. */
export interface FlatRow {
  number: number;
  /** What is said, by the codes of the fields. */
  values: ReadonlyMap<string, Value>;
  /** What the sender calls the columns, by the codes of the fields. */
  columns: ReadonlyMap<string, string>;
  /** What was written, likewise. */
  written: ReadonlyMap<string, unknown>;
}

/** Reads the rows of a form under a mapping. */
export interface RowReader {
  form: Form;
  mapping: Mapping;
  schema: Schema;
  read(row: SentRow): { row: FlatRow; problems: readonly Problem[] };
}

export function createRowReader(mapping: Mapping, form: Form, id: string): RowReader {
  const schema = schemaOf(mapping, form, id);
  const fields = new Map(fieldsOf(mapping, form).map((field) => [field.code, field]));
  const check = compileRowCheck(schema);
  return { form, mapping, schema, read: (sent) => readRow({ mapping, schema, fields, check }, sent) };
}

/** A column that is not read, and the name that may be meant. */
export interface UnreadColumn {
  column: string;
  nearest?: string;
}

/** The columns that say nothing to this form. */
export function unreadColumns({ mapping, form }: RowReader, { columns }: Sent): UnreadColumn[] {
  const names = fieldsOf(mapping, form).flatMap((field) => mapping.namesOf(field));
  return columns
    .filter((column) => !mapping.fieldOf(column)?.forms.includes(form))
    .map((column) => {
      const [meant] = nearest(column, names);
      return { column, ...(meant !== undefined && { nearest: meant }) };
    });
}

/** Two columns of one name, of which nobody can say which is meant. */
export function repeatedColumn(columns: readonly string[]): string | undefined {
  const keys = columns.map(columnKey);
  const at = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  return at < 0 ? undefined : columns[at];
}

interface Parts {
  mapping: Mapping;
  schema: Schema;
  fields: ReadonlyMap<string, Field>;
  check: ValidateFunction;
}

function readRow({ mapping, schema, fields, check }: Parts, sent: SentRow) {
  const columns = new Map<string, string>();
  const written = new Map<string, unknown>();
  const problems: Problem[] = [];
  for (const [column, cell] of sent.cells) {
    const code = mapping.fieldOf(column)?.code;
    if (code === undefined || !fields.has(code) || isEmpty(cell)) continue;
    if (!written.has(code)) {
      columns.set(code, column);
      written.set(code, cell);
    } else if (String(written.get(code)) !== String(cell))
      problems.push(saidTwice(column, columns.get(code)!, cell));
  }
  const readings = new Map(
    [...written].map(([code, cell]) => [code, readingOf(fields.get(code)!, cell, mapping)]),
  );
  const tidied = Object.fromEntries(
    [...written].map(([code, cell]) => [code, tidy(readings.get(code)!, cell)]),
  );
  const failed = new Set<string>();
  if (!check(tidied)) {
    for (const error of check.errors ?? []) {
      const code = fieldOfError(schema, error);
      if (code !== undefined) failed.add(code);
    }
  }
  for (const [code, reading] of readings) if ('expected' in reading) failed.add(code);
  for (const code of failed) {
    const field = fields.get(code);
    if (!field) continue;
    problems.push(
      written.has(code)
        ? wrongValue(columns.get(code)!, written.get(code), readings.get(code)!, field)
        : missingValue(field),
    );
  }
  const values = new Map<string, Value>();
  for (const [code, reading] of readings) if ('value' in reading) values.set(code, reading.value);
  const row: FlatRow = { number: sent.number, values, columns, written };
  return { row, problems: problems.slice(0, intakeLimits.problems) };
}

/** What is no text, number or list of them is left to the schema to refuse. */
function readingOf(field: Field, cell: unknown, mapping: Mapping): Reading {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof cell);
  const isList =
    Array.isArray(cell) && cell.every((item) => typeof item === 'string' || typeof item === 'number');
  if (!isPlain && !isList) return { expected: plain };
  return readValue(field, cell, mapping.tableOf(field));
}

const plain: Text = { zh: '文字或数字', en: 'a text or a number' };

/** What is understood is checked in the plainest form that the schema allows, whatever way it was written in. */
function tidy(reading: Reading, cell: unknown): unknown {
  if (!('value' in reading)) return cell;
  const { value } = reading;
  if (!Array.isArray(value)) return typeof cell === 'string' || typeof value !== 'string' ? value : cell;
  const codes = value.map(({ code }) => code);
  return Array.isArray(cell) ? codes : codes.join(';');
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function wrongValue(column: string, cell: unknown, reading: Reading, field: Field): Problem {
  const expected = 'expected' in reading ? reading.expected : field.about;
  const found = shown(cell);
  return {
    column,
    field: field.code,
    found,
    expected,
    text: {
      zh: `“${column}”不可为 ${found};应填:${expected.zh}`,
      en: `"${column}" cannot be ${found}; it takes ${expected.en}`,
    },
  };
}

function missingValue({ code, name, about }: Field): Problem {
  return {
    column: name.zh,
    field: code,
    expected: about,
    text: { zh: `缺少“${name.zh}”:${about.zh}`, en: `"${name.en}" is missing: ${about.en}` },
  };
}

function saidTwice(column: string, other: string, cell: unknown): Problem {
  return {
    column,
    found: shown(cell),
    expected: { zh: `与“${other}”一致,或只填一栏`, en: `the same as "${other}", or one of the two alone` },
    text: {
      zh: `“${column}”与“${other}”说的是同一项,内容却不同`,
      en: `"${column}" and "${other}" say the same field, and differ`,
    },
  };
}
