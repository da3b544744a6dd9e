import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../fhir/refusal.ts';
import type { Concept } from '../../fhir/terminology/concept.ts';
import { decode } from '../../referral/intake/read/text.ts';
import { Complaint } from '../command.ts';

/** The names of columns, where they are given. */
export interface Columns {
  code?: string | undefined;
  display?: string | undefined;
  parent?: string | undefined;
  english?: string | undefined;
  /** Further columns, which become properties of the concepts. */
  property?: readonly string[] | undefined;
}

/** What the columns of published tables are called. */
const usual = {
  code: /^(?:code|.*(?:代码|编码|码))$/i,
  display: /^(?:display|name|.*(?:名称|诊断名))$/i,
  parent: /^(?:parent|(?:上级|父级?).*)$/i,
  english: /^(?:english|英文.*)$/i,
};

const delimiters = [',', '\t', ';'] as const;

/** The concepts of a table, parents before those below them, and how many rows say again what another said. */
export interface ReadTable {
  concepts: Concept[];
  repeated: number;
}

interface TableRow {
  line: number;
  concept: Concept;
  parent: string | undefined;
}

/**
 * Reads a table of codes (CSV with names of columns in its first row; UTF-8, UTF-16 or GB18030). Throws a Complaint,
 * which names the line, for what cannot be read, a code with two displays, and a parent that has no row.
 */
export function readTable(bytes: Uint8Array, given: Columns, charset?: string): ReadTable {
  const [header = [], ...records] = cellsOf(textOf(bytes, charset));
  const indexes = indexesOf(
    header.map((name) => name.trim()),
    given,
  );
  const rows = new Map<string, TableRow>();
  let repeated = 0;
  for (const [index, cells] of records.entries()) {
    const row = rowOf(cells, index + 2, indexes, given.property ?? []);
    if (!row) continue;
    const { code, display } = row.concept;
    const before = rows.get(code);
    if (before && before.concept.display !== display)
      throw complaint(
        row.line,
        `${code} 与第 ${before.line} 行的名称不同`,
        `${code} has another display on line ${before.line}`,
      );
    if (before) repeated++;
    else rows.set(code, row);
  }
  if (rows.size === 0) throw new Complaint('没有代码 / there is no code');
  return { concepts: parentsFirst(rows), repeated };
}

function textOf(bytes: Uint8Array, charset: string | undefined): string {
  try {
    return decode(bytes, charset);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { text } = error.issues[0]!;
    throw new Complaint(`${text.zh} / ${text.en}`);
  }
}

function cellsOf(text: string): string[][] {
  const [first = ''] = text.split(/\r?\n/, 1);
  const counts = delimiters.map((delimiter) => first.split(delimiter).length);
  const delimiter = delimiters[counts.indexOf(Math.max(...counts))]!;
  try {
    return parse(text, { delimiter, bom: true, relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as unknown as { lines?: number };
    throw complaint(lines ?? 0, 'CSV 格式有误', 'it is no well-formed CSV');
  }
}

type Indexes = Record<keyof typeof usual, number> & { property: number[] };

function indexesOf(header: readonly string[], given: Columns): Indexes {
  const missing = (name: string) =>
    new Complaint(
      `没有栏「${name}」;有:${header.join('、')} / there is no column "${name}"; there are: ${header.join(', ')}`,
    );
  const named = (name: string) => {
    const index = header.indexOf(name);
    if (index < 0) throw missing(name);
    return index;
  };
  const indexOf = (kind: keyof typeof usual) =>
    given[kind] === undefined ? header.findIndex((name) => usual[kind].test(name)) : named(given[kind]);
  const [code, display] = [indexOf('code'), indexOf('display')];
  if (code < 0) throw missing('--code');
  if (display < 0) throw missing('--display');
  const property = (given.property ?? []).map(named);
  return { code, display, parent: indexOf('parent'), english: indexOf('english'), property };
}

function rowOf(
  cells: readonly string[],
  line: number,
  indexes: Indexes,
  properties: readonly string[],
): TableRow | undefined {
  const cell = (index: number) => cells[index]?.trim() || undefined;
  const [code, display, english] = [cell(indexes.code), cell(indexes.display), cell(indexes.english)];
  if (code === undefined) {
    if (display === undefined) return undefined;
    throw complaint(line, `「${display}」没有代码`, `"${display}" has no code`);
  }
  const parent = cell(indexes.parent);
  const property = [
    ...(parent === undefined ? [] : [{ code: 'parent', valueCode: parent }]),
    ...indexes.property.flatMap((index, at) => {
      const value = cell(index);
      return value === undefined ? [] : [{ code: properties[at]!, valueString: value }];
    }),
  ];
  const concept: Concept = {
    code,
    ...(display !== undefined && { display }),
    ...(english !== undefined && { designation: [{ language: 'en', value: english }] }),
    ...(property.length > 0 && { property }),
  };
  return { line, concept, parent };
}

/** The concepts in their order, but each behind its parent. */
function parentsFirst(rows: ReadonlyMap<string, TableRow>): Concept[] {
  const placed = new Set<TableRow>();
  for (const row of rows.values()) {
    const way: TableRow[] = [];
    for (let each: TableRow | undefined = row; each && !placed.has(each); ) {
      if (way.includes(each))
        throw complaint(each.line, `${each.concept.code} 在自己之下`, `${each.concept.code} is below itself`);
      way.push(each);
      const { parent, line }: TableRow = each;
      each = parent === undefined ? undefined : rows.get(parent);
      if (parent !== undefined && !each)
        throw complaint(line, `上级 ${parent} 没有自己的行`, `the parent ${parent} has no row`);
    }
    for (const each of way.reverse()) placed.add(each);
  }
  return [...placed].map(({ concept }) => concept);
}

function complaint(line: number, zh: string, en: string): Complaint {
  return new Complaint(`第 ${line} 行:${zh} / line ${line}: ${en}`);
}
