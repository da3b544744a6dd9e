import { compareText } from '../../fhir/search/code-points.ts';
import { byTimeDescending } from '../history-order.ts';
import { exceeding } from '../page-bytes.ts';
import type { HistoryPosition, HistoryRequest, StoredVersion } from '../store.ts';
import type { Connection } from './connection.ts';
import { table } from './schema.ts';
import { join, literal, type Sql, sql } from './sql.ts';
import { readVersion } from './versions.ts';

/**
 * The versions that a history request asks for. Each table gives the places of its newest ones, which are merged
 * and cut to the limit; texts are read only of those that are left.
 */
export function history(connection: Connection, request: HistoryRequest): StoredVersion[] {
  const types = request.types ?? [...connection.types];
  const found = types
    .filter((type) => connection.hasType(type))
    .flatMap((type) => [
      ...places(connection, type, request, false),
      ...places(connection, type, request, true),
    ])
    .sort(byTimeDescending)
    .slice(0, request.limit);
  const exceeds = exceeding(request.bytes);
  const versions: StoredVersion[] = [];
  for (const { type, id, version } of found) {
    const read = readVersion(connection, type, id, version)!;
    versions.push(read);
    if (exceeds(read.text)) break;
  }
  return versions;
}

function places(
  connection: Connection,
  type: string,
  { id, since, at, after, limit }: HistoryRequest,
  replaced: boolean,
): HistoryPosition[] {
  const conditions: Sql[] = [literal('in_time()')];
  if (id !== undefined) conditions.push(sql`id = ${id}`);
  if (since !== undefined) conditions.push(sql`updated >= ${since}`);
  if (at) {
    conditions.push(sql`updated <= ${at.high}`);
    if (replaced) conditions.push(sql`replaced > ${at.low}`);
  }
  if (after) conditions.push(isAfter(type, after));
  const rows = connection.all(sql`
    SELECT id, version, updated FROM ${replaced ? table(type, 'history') : table(type)}
    WHERE ${join(conditions, 'AND')}
    ORDER BY updated DESC, id, version DESC LIMIT ${limit}`);
  return rows.map((row) => ({
    type,
    id: row.id as string,
    version: row.version as number,
    updated: row.updated as number,
  }));
}

/** The condition that a version of `type` stands after a position: the order is that of `byTimeDescending`. */
function isAfter(type: string, after: HistoryPosition): Sql {
  const order = compareText(type, after.type);
  if (order !== 0) return sql`updated ${literal(order < 0 ? '<' : '<=')} ${after.updated}`;
  return sql`updated <= ${after.updated} AND (updated < ${after.updated} OR id > ${after.id}
    OR (id = ${after.id} AND version < ${after.version}))`;
}
