import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { BatchQuestion } from '../audit-store.ts';
import { type Batch, beginning, type Head, hashLength, headOf, referencesIn, seal } from '../batch.ts';

/**
 * `batches` is the log, `naming` an index of it. The hashes stand in the log, so that a change of one record is found at
 * its very place, and not only somewhere after.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, first INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    lines TEXT NOT NULL, hashes BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS "batches.high" ON batches (high);
  CREATE TABLE IF NOT EXISTS naming (
    reference TEXT NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY (reference, batch)) STRICT, WITHOUT ROWID;
`;

/** A connection to the file of the log. */
export class LogFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens the file, made when it is missing and may be written. */
  constructor(file: string, { readOnly = false } = {}) {
    this.#database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    if (readOnly) return;
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#database.exec('PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;');
    this.#database.exec(schema);
  }

  /** Appends records durably. The end of the log is read in the same transaction: another process may have written. */
  append(lines: readonly string[]): void {
    this.#transaction(() => {
      const batch = seal(this.#head(), lines);
      this.#run(
        'INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)',
        batch.number,
        batch.first,
        batch.low,
        batch.high,
        batch.lines,
        batch.hashes,
      );
      for (const reference of batch.references)
        this.#run('INSERT OR IGNORE INTO naming VALUES (?, ?)', reference, batch.number);
    });
  }

  batches({ descending, from, to, since, until, references, limit }: BatchQuestion): Batch[] {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const where = (condition: string, ...given: SQLInputValue[]) => {
      conditions.push(condition);
      values.push(...given);
    };
    if (from !== undefined) where('number >= ?', from);
    if (to !== undefined) where('number <= ?', to);
    if (since !== undefined) where('high >= ?', since);
    if (until !== undefined) where('low <= ?', until);
    if (references)
      where(
        `number IN (SELECT batch FROM naming WHERE reference IN (${references.map(() => '?').join()}))`,
        ...references,
      );
    const condition = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const order = descending ? 'DESC' : 'ASC';
    return this.#all(
      `SELECT number, first, low, high, lines, hashes FROM batches ${condition} ORDER BY number ${order} LIMIT ?`,
      ...values,
      limit,
    ) as unknown as Batch[];
  }

  /** Deletes the first batch up to a number, and what it was found by; false when there is none. */
  deleteFirst(number: number): boolean {
    const [batch] = this.batches({ descending: false, to: number, limit: 1 });
    if (!batch) return false;
    this.#transaction(() => {
      for (const reference of referencesIn(batch))
        this.#run('DELETE FROM naming WHERE reference = ? AND batch = ?', reference, batch.number);
      this.#run('DELETE FROM batches WHERE number = ?', batch.number);
    });
    return true;
  }

  isFoundBy(number: number, references: readonly string[]): boolean {
    return references.every(
      (reference) =>
        this.#all('SELECT 1 FROM naming WHERE reference = ? AND batch = ?', reference, number).length > 0,
    );
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #head(): Head {
    const [last] = this.#all(
      `SELECT number, first, hashes FROM batches ORDER BY number DESC LIMIT 1`,
    ) as unknown as Pick<Batch, 'number' | 'first' | 'hashes'>[];
    return last && last.hashes.length >= hashLength ? headOf(last) : beginning;
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#database.prepare(text);
      // The shapes of questions are few, but for how many references they name.
      if (this.#statements.size < 100) this.#statements.set(text, statement);
    }
    return statement;
  }

  #run(text: string, ...values: SQLInputValue[]): void {
    this.#prepare(text).run(...values);
  }

  #all(text: string, ...values: SQLInputValue[]) {
    return this.#prepare(text).all(...values);
  }
}
