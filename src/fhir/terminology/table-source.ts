import type { CodeSource, Filter } from './code-source.ts';
import { codesAbove } from './code-structure.ts';
import { allAbove, type CodeTable, keyOf, passesFilters, readRow, type TableEntry } from './code-table.ts';
import { childWord, type Selection, selectionOf } from './code-words.ts';
import type { Entry } from './concept.ts';
import { propertyTest } from './property-test.ts';
import { isFoundBy, type TypedText } from './typed-text.ts';

/** Where the rows of tables are read. */
export interface TableReader {
  find(table: string, keys: readonly string[]): Promise<{ text: string }[]>;
  select(
    table: string,
    selecting: { where?: Selection | undefined; after?: number | undefined; limit: number },
  ): Promise<{ position: number; text: string }[]>;
}

/** Read at once: first as many as a person looks at. */
const firstPage = 60;
const page = 500;

/** The codes of a table, read as they are asked for. */
export function tableSource(table: CodeTable, reader: TableReader): CodeSource {
  const { system, isComplete, isStructured } = table;
  const { url, version, language, title, name } = system;

  async function findAll(codes: readonly string[]): Promise<Map<string, TableEntry>> {
    if (codes.length === 0) return new Map();
    const rows = await reader.find(
      table.table,
      codes.map((code) => keyOf(system, code)),
    );
    return new Map(
      rows.map(({ text }) => readRow(text)).map((each) => [keyOf(system, each.entry.code), each]),
    );
  }
  const find = async (code: string) => (await findAll([code])).get(keyOf(system, code));

  /** The rows of a selection, in their order. */
  async function* rows(where: Selection | undefined, from = 0): AsyncGenerator<TableEntry> {
    let after = from - 1;
    for (let limit = firstPage; ; limit = page) {
      const found = await reader.select(table.table, { where, after, limit });
      for (const { text } of found) yield readRow(text);
      if (found.length < limit) return;
      after = found.at(-1)!.position;
    }
  }

  /** The positions of a table are 0, 1, 2 and so on. */
  async function* entriesFrom(offset: number): AsyncGenerator<Entry> {
    for await (const { entry } of rows(undefined, offset)) yield entry;
  }

  async function* select(filters: readonly Filter[], typed?: TypedText): AsyncGenerator<Entry> {
    const others = await findAll(namedBy(filters));
    for await (const concept of rows(selectionOf(filters, typed, isStructured))) {
      if (typed && !isFoundBy(typed, concept.entry, () => concept.initials)) continue;
      if (passesFilters(table, concept, filters, others)) yield concept.entry;
    }
  }

  /** The nearest codes above that are in the table. */
  async function parentsOf(concept: TableEntry): Promise<string[]> {
    if (!isStructured) return concept.parents ?? [];
    const above = allAbove(table, concept);
    const known = await findAll(above);
    const nearest = above.find((code) => known.has(keyOf(system, code)));
    return nearest === undefined ? [] : [nearest];
  }

  async function childrenOf(code: string): Promise<string[]> {
    if (!isStructured) {
      const below = await Array.fromAsync(rows([[childWord(code)]]));
      return below.filter(({ parents }) => parents?.includes(code)).map(({ entry }) => entry.code);
    }
    const below = new Set<string>();
    const filter = { property: 'concept', op: 'descendent-of', value: code };
    for await (const entry of select([filter])) below.add(entry.code);
    return [...below].filter(
      (each) => codesAbove(each).find((above) => above === code || below.has(above)) === code,
    );
  }

  return {
    url,
    title: title ?? name ?? url,
    isComplete,
    ...(version !== undefined && { version }),
    ...(language !== undefined && { language }),
    ...(system.count !== undefined && { whole: { count: system.count, from: entriesFrom } }),
    find: async (code) => (await find(code))?.entry,
    select: (filters, typed) => (areUnderstood(filters) ? select(filters, typed) : undefined),
    passes: async (code, filters) => {
      if (!areUnderstood(filters)) return undefined;
      const known = await findAll([code, ...namedBy(filters)]);
      const concept = known.get(keyOf(system, code));
      return concept !== undefined && passesFilters(table, concept, filters, known);
    },
    isBelow: async (code, above) => {
      const concept = await find(code);
      return concept !== undefined && allAbove(table, concept).includes(above);
    },
    neighbours: async (code) => {
      const concept = await find(code);
      if (!concept) return { parents: [], children: [] };
      return { parents: await parentsOf(concept), children: await childrenOf(concept.entry.code) };
    },
  };
}

/** The codes of which a filter has to know what is above them. */
function namedBy(filters: readonly Filter[]): string[] {
  return filters.filter(({ op }) => op === 'generalizes').map(({ value }) => value);
}

function areUnderstood(filters: readonly Filter[]): boolean {
  return filters.every((filter) => propertyTest(filter, () => false) !== undefined);
}
