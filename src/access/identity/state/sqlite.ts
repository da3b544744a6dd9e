import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Remembered, State } from './state.ts';

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS remembered (
    kind TEXT NOT NULL, id TEXT NOT NULL, alias TEXT, grouped TEXT, value TEXT NOT NULL, expires INTEGER, consumed INTEGER,
    PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS by_alias ON remembered (kind, alias) WHERE alias IS NOT NULL;
  CREATE INDEX IF NOT EXISTS by_group ON remembered (grouped) WHERE grouped IS NOT NULL;
  CREATE INDEX IF NOT EXISTS by_expiry ON remembered (expires) WHERE expires IS NOT NULL;`;

/** So many things are remembered between two sweeps of what has expired. */
const sweepAfter = 200;

/**
 * A memory in a file of its own beside the embedded store, readable by its owner alone. Commands open that of the issuer
 * while the server runs.
 */
export function openSqliteState(
  folder: string,
  { name = 'identity', now = Date.now }: { name?: string; now?: () => number } = {},
): State {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.sqlite`);
  const database = new DatabaseSync(file, { timeout: 5_000 });
  chmodSync(file, 0o600);
  database.exec(schema);
  const live = '(expires IS NULL OR expires > ?)';
  const byId = database.prepare(`SELECT * FROM remembered WHERE kind = ? AND id = ? AND ${live}`);
  const byAlias = database.prepare(`SELECT * FROM remembered WHERE kind = ? AND alias = ? AND ${live}`);
  const ofKind = database.prepare(`SELECT * FROM remembered WHERE kind = ? AND ${live} ORDER BY id`);
  const columns = '(kind, id, alias, grouped, value, expires) VALUES (?, ?, ?, ?, ?, ?)';
  const replace = database.prepare(`INSERT OR REPLACE INTO remembered ${columns}`);
  const insert = database.prepare(`INSERT OR IGNORE INTO remembered ${columns}`);
  const consume = database.prepare(
    'UPDATE remembered SET consumed = ? WHERE kind = ? AND id = ? AND consumed IS NULL',
  );
  const remove = database.prepare('DELETE FROM remembered WHERE kind = ? AND id = ?');
  const removeGroup = database.prepare('DELETE FROM remembered WHERE grouped = ?');
  const sweep = database.prepare('DELETE FROM remembered WHERE expires <= ?');
  let kept = 0;

  function values(kind: string, { id, alias, group, value, expires }: Remembered) {
    if (kept++ % sweepAfter === 0) sweep.run(now());
    return [kind, id, alias ?? null, group ?? null, JSON.stringify(value), expires ?? null] as const;
  }

  return {
    find: async (kind, id) => fromRow(byId.get(kind, id, now())),
    findByAlias: async (kind, alias) => fromRow(byAlias.get(kind, alias, now())),
    all: async (kind) => ofKind.all(kind, now()).map((row) => fromRow(row)!),
    put: async (kind, remembered) => void replace.run(...values(kind, remembered)),
    claim: async (kind, remembered) => insert.run(...values(kind, remembered)).changes === 1,
    consume: async (kind, id) => consume.run(Math.floor(now() / 1000), kind, id).changes === 1,
    remove: async (kind, id) => void remove.run(kind, id),
    removeGroup: async (group) => void removeGroup.run(group),
    close: async () => database.close(),
  };
}

function fromRow(row: Record<string, unknown> | undefined): Remembered | undefined {
  if (!row) return undefined;
  const value = JSON.parse(row.value as string) as Record<string, unknown>;
  return {
    id: row.id as string,
    value: row.consumed === null ? value : { ...value, consumed: row.consumed },
    alias: (row.alias as string | null) ?? undefined,
    group: (row.grouped as string | null) ?? undefined,
    expires: (row.expires as number | null) ?? undefined,
  };
}
