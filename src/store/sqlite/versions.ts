import type { StoredVersion } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { table } from './schema.ts';
import { literal, sql } from './sql.ts';

/** The columns that make a StoredVersion, in both tables of versions. */
const versionColumns = literal('id, version, updated, method, text');

/** The current version, or undefined when the id was never used. */
export function readCurrent(connection: Connection, type: string, id: string): StoredVersion | undefined {
  if (!connection.hasType(type)) return undefined;
  const row = connection.get(sql`SELECT ${versionColumns}, access FROM ${table(type)} WHERE id = ${id}`);
  return row && versionOf(type, row);
}

/** One version, be it the current one or one that was replaced. */
export function readVersion(
  connection: Connection,
  type: string,
  id: string,
  version: number,
): StoredVersion | undefined {
  const current = readCurrent(connection, type, id);
  if (current === undefined || version >= current.version)
    return current?.version === version ? current : undefined;
  const row = connection.get(
    sql`SELECT ${versionColumns} FROM ${table(type, 'history')} WHERE id = ${id} AND version = ${version}`,
  );
  return row && versionOf(type, { ...row, access: current.access ?? null });
}

/** The version that a row of either table holds. */
export function versionOf(type: string, row: Row): StoredVersion {
  return {
    type,
    id: row.id as string,
    version: row.version as number,
    updated: row.updated as number,
    method: row.method as StoredVersion['method'],
    text: row.text as string | null,
    ...(typeof row.access === 'string' && { access: row.access }),
  };
}
