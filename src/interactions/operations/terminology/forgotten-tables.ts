import { readJson } from '../../../fhir/json/parse.ts';
import { codeTableExtension, codeTableOf } from '../../../fhir/terminology/code-table.ts';
import type { CodeSystem } from '../../../fhir/terminology/concept.ts';
import type { CodeTables } from '../../../store/code-tables.ts';
import type { Match } from '../../../store/store.ts';
import type { Server } from '../../server.ts';

/**
 * So old a table must be, in milliseconds: one that is younger may be loaded just now, or have been replaced while
 * somebody reads it.
 */
const grace = 3_600_000;

const page = 100;

/** Drops the tables that no CodeSystem stands for any more: they were replaced, or never finished. */
export async function dropForgotten(server: Server, codeTables: CodeTables): Promise<void> {
  const before = server.now() - grace;
  const old = (await codeTables.tables()).filter(({ begun }) => begun < before);
  if (old.length === 0) return;
  const inUse = await tablesInUse(server);
  for (const { table } of old) if (!inUse.has(table)) await codeTables.drop(table);
}

async function tablesInUse({ store, stored }: Server): Promise<ReadonlySet<string>> {
  const reader = stored ?? store;
  const inUse = new Set<string>();
  const sort = [{ key: '_id', descending: false }];
  let after: Match['position'] | undefined;
  for (let found: Match[] = []; after === undefined || found.length === page; ) {
    found = await (reader.entire ?? reader).search({
      ...{ type: 'CodeSystem', filter: { kind: 'all' }, sort, limit: page },
      ...(after && { after }),
    });
    for (const { version } of found) {
      if (!version.text.includes(codeTableExtension)) continue;
      const table = codeTableOf(readJson(version.text) as CodeSystem);
      if (table) inUse.add(table.table);
    }
    after = found.at(-1)?.position;
    if (!after) break;
  }
  return inUse;
}
