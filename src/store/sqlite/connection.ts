import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Allowance } from '../store.ts';
import { schemaOf, typesQuery } from './schema.ts';
import type { Sql } from './sql.ts';

/** How many prepared statements a connection keeps; searches come in far fewer shapes than that. */
const statementLimit = 1000;

/** SQLite's result codes (https://sqlite.org/rescode.html) that say that the disk or the file is the trouble. */
const unavailable = new Set([5, 6, 8, 10, 13, 14, 23]);

/** Thrown through SQLite when the time of a query is over. */
const overtime = new Error('The time is over');

export type Row = Record<string, unknown>;

/** One connection to the database file, with its prepared statements and the types that it knows tables of. */
export class Connection {
  types: ReadonlySet<string> = new Set();
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #deadline = Number.POSITIVE_INFINITY;
  #calls = 0;

  constructor(file: string, { readOnly }: { readOnly: boolean }) {
    this.#database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    this.#database.exec(
      'PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA automatic_index = OFF;',
    );
    if (!readOnly) {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      this.#database.exec('PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864;');
    }
    this.#database.function('in_time', () => this.#inTime());
    this.readTypes();
  }

  /** True between BEGIN and COMMIT or ROLLBACK, be it SQLite's own one (after a full disk). */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  get({ text, values }: Sql): Row | undefined {
    return guarded(() => this.prepare(text).get(...values));
  }

  all({ text, values }: Sql): Row[] {
    return guarded(() => this.prepare(text).all(...values));
  }

  run({ text, values }: Sql): void {
    guarded(() => this.prepare(text).run(...values));
  }

  /** The prepared statement of this text: the least recently used ones are given up first. */
  prepare(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement) this.#statements.delete(text);
    else statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    if (this.#statements.size > statementLimit)
      this.#statements.delete(this.#statements.keys().next().value as string);
    return statement;
  }

  /** Makes the tables of a type, unless another process has, as part of the transaction that runs. */
  createType(type: string): void {
    this.readTypes();
    if (this.types.has(type)) return;
    guarded(() => this.#database.exec(schemaOf(type)));
    this.types = new Set([...this.types, type]);
  }

  /** Learns which types have tables: when another connection made some, or when making them was taken back. */
  readTypes(): void {
    this.types = new Set(this.all({ text: typesQuery, values: [] }).map((row) => row.type as string));
  }

  /** Runs queries whose `in_time()` refuses once the time that is allowed is over. */
  within<T>({ timeout, signal }: Allowance = {}, run: () => T): T {
    signal?.throwIfAborted();
    if (timeout === undefined) return run();
    this.#deadline = performance.now() + timeout;
    try {
      return run();
    } catch (error) {
      throw error === overtime ? refuse(refusals.tooCostly, [`> ${timeout} ms`]) : error;
    } finally {
      this.#deadline = Number.POSITIVE_INFINITY;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** A condition that always holds, asked for every row of a long walk: the only place where one can be ended. */
  #inTime(): number {
    this.#calls++;
    // The clock is read for one row in 64: reading it costs more than the rest of the call.
    if ((this.#calls & 63) === 0 && performance.now() > this.#deadline) throw overtime;
    return 1;
  }
}

/** SQLite's errors about disk and file as a refusal; others, which are faults of this code, as they are. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const code = (error as { errcode?: number }).errcode;
    if (code === undefined || !unavailable.has(code & 0xff)) throw error;
    throw Object.assign(refuse(refusals.storeUnavailable), { cause: error });
  }
}
