import { once } from 'node:events';
import type {
  EventState,
  KeptChange,
  NewEvent,
  NumberRange,
  Outbox,
  Progress,
  QueuedEvent,
  Settlement,
} from '../outbox.ts';
import type { Connection, Row } from './connection.ts';
import type { GroupCommit } from './group-commit.ts';
import { literal, type Sql, sql } from './sql.ts';

/** The tables of the outbox. The log costs a write one row, which goes when it has been followed. */
export const outboxSchema = `
  CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS followed (row INTEGER PRIMARY KEY, place INTEGER NOT NULL, clock INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT NOT NULL, cause TEXT NOT NULL, type TEXT NOT NULL,
    id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, number INTEGER, state TEXT NOT NULL,
    problem TEXT) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS "events.once" ON events (subscription, type, id, version, cause);
  CREATE UNIQUE INDEX IF NOT EXISTS "events.number" ON events (subscription, number) WHERE number IS NOT NULL;
  CREATE INDEX IF NOT EXISTS "events.open" ON events (subscription, state, position) WHERE state <> 'told';
  CREATE INDEX IF NOT EXISTS "events.at" ON events (at);`;

/** How often to look for what other processes have written, of which nobody tells, in milliseconds. */
const betweenLooks = 50;

/** Adds a change to the log, within the transaction that makes it. */
export function logChange(connection: Connection, { type, id, version }: KeptChange): void {
  connection.run(sql`INSERT INTO changes (type, id, version) VALUES (${type}, ${id}, ${version})`);
}

/** The outbox of the embedded engine. `committed` tells its followers that something was written. */
export function outboxOf(
  reading: Connection,
  writing: Connection,
  commits: GroupCommit,
  committed: EventTarget,
): Outbox {
  const eventsWhere = (condition: Sql): QueuedEvent[] =>
    reading.all(sql`SELECT * FROM events WHERE ${condition}`).map(eventOf);

  function changesAfter(place: string, limit: number) {
    const rows = reading.all(
      sql`SELECT * FROM changes WHERE number > ${Number(place)} ORDER BY number LIMIT ${limit}`,
    );
    const changes = rows.map(({ type, id, version }) => ({ type, id, version }) as KeptChange);
    return { changes, place: String(rows.at(-1)?.number ?? place) };
  }

  return {
    progress: async () => {
      const row = reading.get(literal('SELECT place, clock FROM followed'));
      return row && { place: String(row.place), clock: row.clock as number };
    },
    end: async () => String(reading.get(literal('SELECT ifnull(max(number), 0) AS last FROM changes'))!.last),
    follow: async (place, { limit, patience, signal }) => {
      for (let left = patience; ; left -= betweenLooks) {
        const found = changesAfter(place, limit);
        if (found.changes.length > 0 || left <= 0 || signal.aborted) return found;
        await once(committed, 'commit', {
          signal: AbortSignal.any([signal, AbortSignal.timeout(Math.min(left, betweenLooks))]),
        }).catch(() => {});
      }
    },
    append: (events, progress) =>
      commits.write(async () => {
        const added = events.flatMap((event) => insert(writing, event) ?? []);
        keep(writing, progress);
        return added;
      }),
    waiting: async (subscription, limit) =>
      eventsWhere(sql`subscription = ${subscription} AND state = 'waiting' ORDER BY position LIMIT ${limit}`),
    subscriptionsWaiting: async () =>
      reading
        .all(literal("SELECT DISTINCT subscription FROM events WHERE state <> 'told' AND state = 'waiting'"))
        .map(({ subscription }) => subscription as string),
    lastNumber: async (subscription) =>
      reading.get(
        sql`SELECT ifnull(max(number), 0) AS last FROM events
          WHERE subscription = ${subscription} AND number IS NOT NULL`,
      )!.last as number,
    numbered: async (subscription, range) =>
      eventsWhere(sql`${within(subscription, range)} ORDER BY number LIMIT ${range.limit}`),
    dead: async (subscription, limit) =>
      eventsWhere(sql`subscription = ${subscription} AND state = 'dead' ORDER BY position LIMIT ${limit}`),
    settle: async (settlements) => {
      if (settlements.length === 0) return;
      await commits.write(async () => {
        for (const settlement of settlements) settle(writing, settlement);
      });
    },
    resend: (subscription, range) =>
      commits.write(async () => {
        writing.run(
          sql`UPDATE events SET state = 'waiting', problem = NULL WHERE ${within(subscription, range)}`,
        );
        return writing.get(literal('SELECT changes() AS count'))!.count as number;
      }),
    forget: (what) =>
      commits.write(async () => {
        writing.run(
          'subscription' in what
            ? sql`DELETE FROM events WHERE subscription = ${what.subscription}`
            : sql`DELETE FROM events WHERE at < ${what.before} AND (number IS NULL OR number <
                (SELECT max(number) FROM events AS others
                 WHERE others.subscription = events.subscription AND others.number IS NOT NULL))`,
        );
      }),
  };
}

function within(subscription: string, { since, until }: NumberRange): Sql {
  return sql`subscription = ${subscription} AND number IS NOT NULL AND number >= ${since} AND number <= ${until}`;
}

function insert(connection: Connection, event: NewEvent): QueuedEvent | undefined {
  const { subscription, cause, type, id, version, at } = event;
  const row = connection.get(sql`
    INSERT INTO events (subscription, cause, type, id, version, at, state)
    VALUES (${subscription}, ${cause}, ${type}, ${id}, ${version}, ${at}, 'waiting')
    ON CONFLICT DO NOTHING RETURNING position`);
  return row && { ...event, position: row.position as number, state: 'waiting' };
}

function keep(connection: Connection, { place, clock }: Progress): void {
  connection.run(
    sql`INSERT OR REPLACE INTO followed (row, place, clock) VALUES (1, ${Number(place)}, ${clock})`,
  );
  connection.run(sql`DELETE FROM changes WHERE number <= ${Number(place)}`);
}

function settle(connection: Connection, { position, number, state, problem }: Settlement): void {
  if (state === 'gone') {
    connection.run(sql`DELETE FROM events WHERE position = ${position}`);
    return;
  }
  connection.run(
    sql`UPDATE events SET state = ${state}, problem = ${problem ?? null} WHERE position = ${position}`,
  );
  // The number that an event has, and one that another has, stays.
  if (number !== undefined)
    connection.run(
      sql`UPDATE OR IGNORE events SET number = ${number} WHERE position = ${position} AND number IS NULL`,
    );
}

function eventOf(row: Row): QueuedEvent {
  const { subscription, cause, type, id, version, at, position, number, state, problem } = row;
  return {
    ...({ subscription, cause, type, id, version, at, position } as NewEvent & { position: number }),
    state: state as EventState,
    ...(number !== null && { number: number as number }),
    ...(problem !== null && { problem: problem as string }),
  };
}
