import { refusals, refuse } from '../../fhir/refusal.ts';
import {
  type PackedEntries,
  pack,
  piecesOfIntervals,
  piecesOfTerms,
  textsToJson,
} from '../packed-entries.ts';
import type { IndexedVersion, Sharing, StoredVersion } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { logChange } from './outbox.ts';
import { table } from './schema.ts';
import { keysOf } from './settled-terms.ts';
import { compactSort } from './sort-values.ts';
import { sql } from './sql.ts';

/** Waited for between the statements that write many entries: lets other requests have their turn. */
export type GiveWay = () => Promise<void>;

/** Keeps a version as the current one, and the one that it replaces in the history. */
export async function put(
  connection: Connection,
  next: IndexedVersion,
  replaced: StoredVersion | undefined,
  giveWay: GiveWay,
): Promise<void> {
  connection.createType(next.type);
  logChange(connection, next);
  const columns = pack(next.entries);
  const audience = connection.audiences.of(next.access);
  if (replaced) {
    const row = await moveToHistory(connection, next, replaced, giveWay);
    const { terms, intervals } = columns;
    connection.run(sql`UPDATE ${table(next.type)} SET version = ${next.version}, updated = ${next.updated},
      method = ${next.method}, text = ${next.text}, terms = ${terms}, intervals = ${intervals}, sort = ${compactSort(columns.sort)},
      access = ${next.access ?? null}, audience = ${audience}
      WHERE row = ${row}`);
    await addEntries(connection, { type: next.type, row, updated: next.updated, audience }, columns, giveWay);
  } else {
    const row = insert(connection, next, columns, audience);
    await addEntries(connection, { type: next.type, row, updated: next.updated, audience }, columns, giveWay);
  }
}

/** Replaces the entries of a version, when it still is the current one. */
export async function reindex(
  connection: Connection,
  { type, id, version, entries }: Pick<IndexedVersion, 'type' | 'id' | 'version' | 'entries'>,
  giveWay: GiveWay,
): Promise<void> {
  const current = connection.hasType(type) && find(connection, type, id);
  if (!current || current.version !== version) return;
  const row = current.row as number;
  const place = {
    ...{ type, row, updated: current.updated as number },
    audience: current.audience as number | null,
  };
  const columns = pack(entries);
  await removeEntries(connection, type, current, giveWay);
  connection.run(sql`UPDATE ${table(type)} SET terms = ${columns.terms}, intervals = ${columns.intervals},
    sort = ${compactSort(columns.sort)} WHERE row = ${row}`);
  await addEntries(connection, place, columns, giveWay);
}

/** Replaces the text and entries of a version, be it the current one or one in the history. */
export async function amend(
  connection: Connection,
  amended: IndexedVersion,
  giveWay: GiveWay,
): Promise<void> {
  await reindex(connection, amended, giveWay);
  const { type, id, version, text } = amended;
  for (const versions of [table(type), table(type, 'history')])
    connection.run(sql`UPDATE ${versions} SET text = ${text} WHERE id = ${id} AND version = ${version}`);
}

/** Replaces who may read a resource, when the version is still the current one. */
export function share(connection: Connection, { type, id, version, access, removed, added }: Sharing): void {
  const current = connection.hasType(type) && find(connection, type, id);
  if (!current || current.version !== version) return;
  const row = current.row as number;
  const updated = current.updated as number;
  const audience = connection.audiences.of(access);
  const gone = new Set(removed);
  const kept = (JSON.parse(current.terms as string) as string[]).filter((term) => !gone.has(term));
  const terms = textsToJson([...kept, ...added]);
  connection.run(sql`UPDATE ${table(type)} SET access = ${access}, audience = ${audience}, terms = ${terms}
    WHERE row = ${row}`);
  for (const term of removed)
    connection.run(sql`DELETE FROM ${table(type, 'terms')}
      WHERE term = ${term} AND updated = ${updated} AND row = ${row}`);
  for (const term of added)
    connection.run(sql`INSERT OR IGNORE INTO ${table(type, 'terms')} (term, updated, row, audience)
      VALUES (${term}, ${updated}, ${row}, ${audience})`);
  if (audience === current.audience) return;
  connection.run(sql`UPDATE ${table(type, 'terms')} SET audience = ${audience}
    WHERE term IN (SELECT value FROM json_each(${terms})) AND updated = ${updated} AND row = ${row}`);
}

/** Inserts the first version of a resource and gives its row. */
function insert(
  connection: Connection,
  next: IndexedVersion,
  columns: PackedEntries,
  audience: number | null,
): number {
  const { type, id, version, updated, method, text } = next;
  const inserted = connection.get(sql`
    INSERT INTO ${table(type)} (id, version, updated, method, text, terms, intervals, sort, access, audience)
    VALUES (${id}, ${version}, ${updated}, ${method}, ${text}, ${columns.terms}, ${columns.intervals}, ${compactSort(columns.sort)},
      ${next.access ?? null}, ${audience})
    ON CONFLICT DO NOTHING RETURNING row`);
  if (inserted === undefined) throw refuse(refusals.writeConflict);
  return inserted.row as number;
}

/** Moves what is current to the history and gives its row, which is free for the next version. */
async function moveToHistory(
  connection: Connection,
  next: IndexedVersion,
  replaced: StoredVersion,
  giveWay: GiveWay,
): Promise<number> {
  const current = find(connection, next.type, next.id);
  if (current?.version !== replaced.version) throw refuse(refusals.writeConflict);
  const row = current.row as number;
  connection.run(sql`
    INSERT INTO ${table(next.type, 'history')} (id, version, updated, replaced, method, text)
    SELECT id, version, updated, ${next.updated}, method, text FROM ${table(next.type)} WHERE row = ${row}`);
  await removeEntries(connection, next.type, current, giveWay);
  return row;
}

function find(connection: Connection, type: string, id: string): Row | undefined {
  return connection.get(sql`
    SELECT row, version, updated, terms, intervals, audience FROM ${table(type)} WHERE id = ${id}`);
}

/** A row, and what its terms have beside them in their index. */
interface Place {
  type: string;
  row: number;
  updated: number;
  audience: number | null;
}

async function addEntries(
  connection: Connection,
  { type, row, updated, audience }: Place,
  { terms, intervals, words }: PackedEntries,
  giveWay: GiveWay,
): Promise<void> {
  await inPieces(piecesOfTerms(keysOf(terms)), giveWay, (piece) =>
    connection.run(sql`
      INSERT INTO ${table(type, 'terms')} (term, updated, row, audience)
      SELECT value, ${updated}, ${row}, ${audience} FROM json_each(${piece})`),
  );
  await inPieces(piecesOfIntervals(intervals), giveWay, (piece) =>
    connection.run(sql`
      INSERT OR IGNORE INTO ${table(type, 'intervals')} (name, low, high, row)
      SELECT value ->> 0, value ->> 1, value ->> 2, ${row} FROM json_each(${piece})`),
  );
  if (words !== '')
    connection.run(sql`INSERT INTO ${table(type, 'words')} (rowid, words) VALUES (${row}, ${words})`);
}

/** Removes the keys of a row's entries, which are known exactly: no table is walked. */
async function removeEntries(
  connection: Connection,
  type: string,
  { row, updated, terms, intervals }: Row,
  giveWay: GiveWay,
): Promise<void> {
  await inPieces(piecesOfTerms(terms as string), giveWay, (piece) =>
    connection.run(sql`
      DELETE FROM ${table(type, 'terms')}
      WHERE term IN (SELECT value FROM json_each(${piece}))
        AND updated = ${updated as number} AND row = ${row as number}`),
  );
  await inPieces(piecesOfIntervals(intervals as string), giveWay, (piece) =>
    connection.run(sql`
      DELETE FROM ${table(type, 'intervals')} WHERE (name, low, high, row) IN
        (SELECT value ->> 0, value ->> 1, value ->> 2, ${row as number} FROM json_each(${piece}))`),
  );
  connection.run(sql`DELETE FROM ${table(type, 'words')} WHERE rowid = ${row as number}`);
}

/** Runs a statement on one piece after the other; whoever waits has a turn between them. */
async function inPieces(
  pieces: readonly string[],
  giveWay: GiveWay,
  run: (piece: string) => void,
): Promise<void> {
  for (const [n, piece] of pieces.entries()) {
    if (n > 0) await giveWay();
    run(piece);
  }
}
