import { elements } from '../elements.ts';
import type { Filter } from './code-source.ts';
import { codesAbove, hasStructure } from './code-structure.ts';
import { wordsOf } from './code-words.ts';
import type { CodeSystem, Entry } from './concept.ts';
import { propertyTest } from './property-test.ts';

/** The extension of a CodeSystem whose codes are kept in a table of the store. */
export const codeTableExtension = 'https://w3id.org/zhuanzhen/StructureDefinition/code-table';

/** A code system whose codes are in a table. */
export interface CodeTable {
  /** The name of the table. */
  table: string;
  system: CodeSystem;
  /** False where only some of the codes are there. */
  isComplete: boolean;
  /** Whether the hierarchy is that of the codes themselves. */
  isStructured: boolean;
}

/** A code as a table has it. */
export interface TableEntry {
  entry: Entry;
  /** The codes directly above it, and all above it, where they are given. */
  parents?: string[];
  above?: string[];
  /** The first letters of the pinyin of its display. */
  initials: string;
}

/** What a table is given for a code. */
export interface TableRow {
  key: string;
  text: string;
  words: string[];
}

/** The table of a code system that has one. */
export function codeTableOf(system: CodeSystem): CodeTable | undefined {
  const extension = elements(system, 'extension').find(({ url }) => url === codeTableExtension);
  const parts = elements(extension, 'extension');
  const part = (url: string, member: string) => parts.find((each) => each.url === url)?.[member];
  const table = part('table', 'valueString');
  if (typeof table !== 'string') return undefined;
  return {
    table,
    system,
    isComplete: part('content', 'valueCode') === 'complete',
    isStructured: part('structured', 'valueBoolean') === true,
  };
}

/**
 * The CodeSystem that stands for a table. "None of the concepts … are included in the code system resource", so its content
 * is `not-present`; whether the table is complete is said beside its name.
 */
export function headOf({ table, system, isComplete, isStructured }: CodeTable, count: number): CodeSystem {
  const { concept: _, extension, ...about } = system;
  const others = elements({ extension }, 'extension').filter(({ url }) => url !== codeTableExtension);
  return {
    ...about,
    extension: [
      ...others,
      {
        url: codeTableExtension,
        extension: [
          { url: 'table', valueString: table },
          { url: 'content', valueCode: isComplete ? 'complete' : 'fragment' },
          { url: 'structured', valueBoolean: isStructured },
        ],
      },
    ],
    content: 'not-present',
    count,
  };
}

/** What codes of a system are compared by. */
export function keyOf({ caseSensitive }: CodeSystem, code: string): string {
  return caseSensitive === false ? code.toLowerCase() : code;
}

/** The row of a code. */
export function rowOf(system: CodeSystem, concept: TableEntry): TableRow {
  return { key: keyOf(system, concept.entry.code), text: JSON.stringify(concept), words: wordsOf(concept) };
}

/** What a row says. */
export function readRow(text: string): TableEntry {
  return JSON.parse(text) as TableEntry;
}

/** All codes above one of a table, nearest first. */
export function allAbove({ isStructured }: CodeTable, { entry, above = [] }: TableEntry): readonly string[] {
  if (!isStructured) return above;
  return hasStructure(entry.code) ? codesAbove(entry.code) : [];
}

/**
 * Whether a code of a table passes all filters; undefined where one is not understood.
 *
 * @param others further codes of the table that filters name, by their code
 */
export function passesFilters(
  table: CodeTable,
  concept: TableEntry,
  filters: readonly Filter[],
  others: ReadonlyMap<string, TableEntry> = new Map(),
): boolean | undefined {
  const { code: own } = concept.entry;
  const isBelow = (code: string, above: string) => {
    const known = code === own ? concept : others.get(code);
    const list = known ? allAbove(table, known) : table.isStructured ? codesAbove(code) : [];
    return list.includes(above);
  };
  const tests = filters.map((filter) => propertyTest(filter, isBelow));
  if (tests.includes(undefined)) return undefined;
  return tests.every((test) => test!(concept.entry));
}
