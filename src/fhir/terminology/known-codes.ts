import type { Element } from '../resource.ts';
import { type CodeTable, keyOf, type TableEntry } from './code-table.ts';

/** What tables of the store say of codes that were asked for before they are judged. */
export interface KnownCodes {
  /** Null: the code is not in the table; undefined: it was not asked for. */
  find(table: CodeTable, code: string): TableEntry | null | undefined;
}

/** The codes of a resource that are to be asked for, by the table that they would be in. */
export type CodesByTable = ReadonlyMap<CodeTable, ReadonlySet<string>>;

/** So many codes of one resource are asked for; of what is beyond them nothing is said. */
const most = 10_000;

/** The codes of a value, at any depth, whose system has tables. */
export function codesIn(
  value: unknown,
  tablesOf: (system: string, version?: string) => readonly CodeTable[],
): CodesByTable {
  const found = new Map<CodeTable, Set<string>>();
  let left = most;
  const pending: unknown[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const { system, code } = next as Element;
    if (typeof system === 'string' && typeof code === 'string')
      for (const table of tablesOf(system)) {
        if (left-- <= 0) return found;
        found.get(table)?.add(code) ?? found.set(table, new Set([code]));
      }
    for (const member of Object.values(next)) if (typeof member === 'object') pending.push(member);
  }
  return found;
}

/** What was found of codes that were asked for. */
export function knownCodes(
  asked: CodesByTable,
  found: ReadonlyMap<CodeTable, readonly TableEntry[]>,
): KnownCodes {
  const byTable = new Map<string, Map<string, TableEntry | null>>();
  for (const [{ table, system }, codes] of asked) {
    const byKey = new Map<string, TableEntry | null>([...codes].map((code) => [keyOf(system, code), null]));
    byTable.set(table, byKey);
  }
  for (const [{ table, system }, entries] of found)
    for (const each of entries) byTable.get(table)?.set(keyOf(system, each.entry.code), each);
  return { find: ({ table, system }, code) => byTable.get(table)?.get(keyOf(system, code)) };
}
