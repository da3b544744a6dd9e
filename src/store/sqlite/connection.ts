import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { Audiences } from './audiences.ts';
import { checkFormat } from './format.ts';
import { outboxSchema } from './outbox.ts';
import { schemaOf, typesQuery } from './schema.ts';
import { literal, type Sql } from './sql.ts';
import type { Trouble } from './trouble.ts';

/** How many prepared statements a connection keeps; searches come in far fewer shapes than that. */
const statementLimit = 1000;
/**
 * How long they may be together, in code units. Prepared, a statement takes twenty times its text, in memory that V8 does not
 * see.
 */
const mostKept = 1_000_000;
/** Longer ones are not kept, in code units: each would hold megabytes, and hardly comes again. */
const longestKept = 20_000;

/**
 * What SQLite says of statements beyond its bounds (https://sqlite.org/limits.html): a search that asks too much. They
 * share their code with real faults of a statement.
 */
const beyondBounds =
  /^too many|too large|too big|at most \d+ tables|maximum depth|stack overflow|Invalid string length|call stack/i;

/** SQLite's result codes (https://sqlite.org/rescode.html) that say that the disk or the file is the trouble. */
const unavailable = new Set([5, 6, 8, 10, 11, 13, 14, 23, 26]);

/** Thrown through SQLite when the time of a query is over, or nobody waits for it any more. */
const overtime = new Error('The time is over');

/** How long queries may take, in milliseconds, and whether somebody still waits for them. */
export interface Bound {
  timeout?: number | undefined;
  /**
   * The time is that of the processor: while others have it, on a busy machine, nothing is done and nothing counted,
   * up to eight times as long.
   */
  isProcessorTime?: boolean;
  isGivenUp?: () => boolean;
}

export type Row = Record<string, unknown>;

/** One connection to the database file, with its prepared statements and the types that it knows tables of. */
export class Connection {
  #types: ReadonlySet<string> = new Set();
  /** The version of the schema by which the types were read. */
  #schema: unknown;
  readonly audiences: Audiences;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** How long the texts of these are together. */
  #kept = 0;
  #deadline = Number.POSITIVE_INFINITY;
  /** What is left of it once it has passed, in milliseconds. */
  #left: () => number = none;
  #isGivenUp: () => boolean = () => false;
  #calls = 0;
  readonly #trouble: Trouble | undefined;

  /** @param trouble is told of what is wrong with the disk or the file */
  constructor(file: string, { readOnly }: { readOnly: boolean }, trouble?: Trouble) {
    this.#trouble = trouble;
    this.#database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    // Each connection has a cache of its own, of 16 MB: what it does not hold, the operating system does for all of them.
    this.#database.exec(
      'PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA automatic_index = OFF;',
    );
    if (!readOnly) {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      checkFormat(this.#database);
      this.#database.exec(outboxSchema);
      this.#database.exec('PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864;');
    }
    this.#database.function('in_time', { varargs: true }, () => this.#inTime());
    this.audiences = new Audiences(this);
    this.#database.function('sees', this.audiences.sees);
    this.refreshTypes();
  }

  /** True between BEGIN and COMMIT or ROLLBACK, be it SQLite's own one (after a full disk). */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** How many rows this connection has written or deleted since it was opened, what was taken back included. */
  get rowsChanged(): number {
    return this.get({ text: 'SELECT total_changes() AS n', values: [] })!.n as number;
  }

  get({ text, values }: Sql): Row | undefined {
    return this.#guarded(() => this.prepare(text).get(...values));
  }

  all({ text, values }: Sql): Row[] {
    return this.#guarded(() => this.prepare(text).all(...values));
  }

  /** The rows up to the first one at which `isEnough`, that one included. */
  until({ text, values }: Sql, isEnough: (row: Row) => boolean): Row[] {
    return this.#guarded(() => {
      const rows: Row[] = [];
      try {
        for (const row of this.prepare(text).iterate(...values)) {
          rows.push(row);
          if (isEnough(row)) break;
        }
      } catch (error) {
        // What ended one iteration is thrown by the next one, too.
        this.#forget(text);
        throw error;
      }
      return rows;
    });
  }

  run({ text, values }: Sql): void {
    this.#guarded(() => this.prepare(text).run(...values));
  }

  /** Runs questions that are all answered as of one moment, whatever other connections write meanwhile. */
  asOfNow<T>(ask: () => T): T {
    if (this.isInTransaction) return ask();
    this.run(begin);
    try {
      return ask();
    } finally {
      if (this.isInTransaction) this.run(commit);
    }
  }

  /** The prepared statement of this text: the least recently used ones are given up first. */
  prepare(text: string): StatementSync {
    if (text.length > longestKept) return this.#database.prepare(text);
    let statement = this.#statements.get(text);
    if (statement) this.#forget(text);
    else statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    this.#kept += text.length;
    while (this.#statements.size > statementLimit || this.#kept > mostKept)
      this.#forget(this.#statements.keys().next().value as string);
    return statement;
  }

  #forget(text: string): void {
    if (this.#statements.delete(text)) this.#kept -= text.length;
  }

  /** The types that have tables now, whichever connection of whichever process has made them. */
  get types(): ReadonlySet<string> {
    this.refreshTypes();
    return this.#types;
  }

  /** Whether a type has tables now. Costs a question to the file only where it had none before: tables stay. */
  hasType(type: string): boolean {
    return this.#types.has(type) || this.types.has(type);
  }

  /** Makes the tables of a type, unless another process has, as part of the transaction that runs. */
  createType(type: string): void {
    if (this.hasType(type)) return;
    this.#guarded(() => this.#database.exec(schemaOf(type)));
    this.refreshTypes();
  }

  /** Learns which types have tables, where that has changed: to be called when making them may have been taken back. */
  refreshTypes(): void {
    const { schema_version: schema } = this.get({ text: 'PRAGMA schema_version', values: [] })!;
    if (schema === this.#schema) return;
    this.#schema = schema;
    this.#types = new Set(this.all({ text: typesQuery, values: [] }).map((row) => row.type as string));
  }

  /** Runs queries, which `in_time()` ends with `refusals.tooCostly` once they are beyond their bound. */
  within<T>(bound: Bound, run: () => T): T {
    const attempt = this.attempt(bound, run);
    if (attempt) return attempt.result;
    throw refuse(refusals.tooCostly, [`> ${bound.timeout ?? 0} ms`]);
  }

  /** The same, but gives undefined when they are beyond it. */
  attempt<T>({ timeout, isProcessorTime, isGivenUp }: Bound, run: () => T): { result: T } | undefined {
    if (timeout !== undefined) this.#deadline = performance.now() + timeout;
    if (timeout !== undefined && isProcessorTime) this.#left = processorTimeLeft(timeout);
    if (isGivenUp) this.#isGivenUp = isGivenUp;
    try {
      return { result: run() };
    } catch (error) {
      if (error === overtime) return undefined;
      if (error instanceof RangeError && beyondBounds.test(error.message)) throw beyond(error);
      throw error;
    } finally {
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#left = none;
      this.#isGivenUp = () => false;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#kept = 0;
    this.#database.close();
  }

  /** SQLite's errors about disk, file and bounds as refusals; others, which are faults of this code, as they are. */
  #guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      const { errcode: code, message } = error as { errcode?: number; message: string };
      if (code === undefined) throw error;
      this.#trouble?.note(code & 0xff);
      if (unavailable.has(code & 0xff))
        throw Object.assign(refuse(refusals.storeUnavailable), { cause: error });
      throw beyondBounds.test(message) ? beyond(error) : error;
    }
  }

  /**
   * A condition that always holds, asked for every row of a long walk: the only place where one can be ended. It stands
   * first in each WHERE, so that it is asked also where no row is left in the end.
   */
  #inTime(): number {
    this.#calls++;
    // The clock is read for one row in four: reading it costs as much as a good part of the call.
    if ((this.#calls & 3) === 0 && (this.#isOver() || this.#isGivenUp())) throw overtime;
    return 1;
  }

  #isOver(): boolean {
    if (performance.now() <= this.#deadline) return false;
    const left = this.#left();
    this.#deadline = performance.now() + left;
    return left <= 0;
  }
}

const none = () => 0;
const begin = literal('BEGIN');
const commit = literal('COMMIT');

/** Gives what is left of so many milliseconds of this thread's processor time. Node 22 counts that of all threads. */
function processorTimeLeft(timeout: number): () => number {
  const used = process.threadCpuUsage ?? process.cpuUsage;
  const before = used();
  const last = performance.now() + 8 * timeout;
  return () => {
    const { user, system } = used(before);
    return performance.now() > last ? 0 : timeout - (user + system) / 1_000;
  };
}

function beyond(error: unknown): Error {
  return Object.assign(refuse(refusals.tooCostly, ['> SQLite']), { cause: error });
}
