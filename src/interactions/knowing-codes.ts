import { type CodeTable, keyOf, readRow, type TableEntry } from '../fhir/terminology/code-table.ts';
import { codesIn, knownCodes } from '../fhir/terminology/known-codes.ts';
import type { Server } from './server.ts';

/** So many codes are asked for by one question. */
const askedAtOnce = 1_000;

/**
 * The server, whose validator knows what tables of the store say of the codes of a body: validation is synchronous, so they
 * are asked for before, all of one table together. It is the same server where the body has no such codes.
 */
export async function knowingCodes(server: Server, body: unknown): Promise<Server> {
  const { codeTables, validator } = server;
  if (!codeTables || typeof body !== 'object' || body === null) return server;
  const asked = codesIn(body, (system) => validator.tablesOf(system));
  if (asked.size === 0) return server;
  const found = new Map<CodeTable, TableEntry[]>();
  for (const [table, codes] of asked) {
    const keys = [...codes].map((code) => keyOf(table.system, code));
    const entries: TableEntry[] = [];
    for (let from = 0; from < keys.length; from += askedAtOnce)
      for (const { text } of await codeTables.find(table.table, keys.slice(from, from + askedAtOnce)))
        entries.push(readRow(text));
    found.set(table, entries);
  }
  return {
    ...server,
    validator: validator.knowing(knownCodes(asked, found)),
    get parameters() {
      return server.parameters;
    },
  };
}
