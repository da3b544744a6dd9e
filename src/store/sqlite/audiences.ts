import type { Connection } from './connection.ts';
import { literal, sql } from './sql.ts';

/** So many sets of labels are remembered: far more than those who ask at one time have. */
const mostLeaves = 1_000;

/** What one set of labels gives leave to read, as far as it has been asked for. */
export interface Leave {
  readonly number: number;
  readonly labels: readonly string[];
  /** By the number of an audience. */
  seen: (1 | 0 | undefined)[];
  /** It is in all audiences up to this number: who may see everything is known by one comparison. */
  upTo: number;
  /** Whether one beyond has been met since: only then is there anything to learn of those. */
  hasMetBeyond: boolean;
}

/**
 * The sets of readers that resources have, each under a number: a county has thousands of them for millions of resources.
 * A set never changes and no number is given twice, so that what was once found out of one holds for good; only what was
 * not committed is forgotten.
 */
export class Audiences {
  readonly #connection: Connection;
  readonly #numbers = new Map<string, number>();
  readonly #leaves = new Map<string, Leave>();
  readonly #numbered = new Map<number, Leave>();
  #last = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The number of the readers that `access` names, which is kept from here on; null where it names nobody, not even none. */
  of(access: string | undefined): number | null {
    if (access === undefined) return null;
    const readers = access.slice(0, access.lastIndexOf('\n') + 1);
    const known = this.#numbers.get(readers);
    if (known !== undefined) return known;
    this.#connection.run(sql`INSERT OR IGNORE INTO audiences (readers) VALUES (${readers})`);
    const number = this.#connection.get(sql`SELECT number FROM audiences WHERE readers = ${readers}`)!
      .number as number;
    this.#numbers.set(readers, number);
    return number;
  }

  /** What a set of labels gives leave to read, as of now. */
  leave(labels: readonly string[]): Leave {
    const key = labels.join('\n');
    const known = this.#leaves.get(key);
    if (known) {
      if (known.hasMetBeyond) while (this.#learn(known, known.upTo + 1) === 1) known.upTo++;
      known.hasMetBeyond = false;
      return known;
    }
    const leave: Leave = { number: ++this.#last, labels, seen: [], upTo: 0, hasMetBeyond: false };
    this.#leaves.set(key, leave);
    this.#numbered.set(leave.number, leave);
    if (this.#leaves.size > mostLeaves) this.#forgetOldest();
    return leave;
  }

  /** The function of SQL that tells, by 1 or 0, whether one of the labels is in an audience. It is asked for every row. */
  readonly sees = (leave: unknown, audience: unknown): 1 | 0 => {
    const known = this.#numbered.get(leave as number)!;
    known.hasMetBeyond = true;
    return known.seen[audience as number] ?? this.#learn(known, audience as number | null) ?? 0;
  };

  /** Forgets what it may have learnt of numbers that were taken back. */
  forget(): void {
    this.#numbers.clear();
    for (const leave of this.#leaves.values())
      Object.assign(leave, { seen: [], upTo: 0, hasMetBeyond: false });
  }

  /** Undefined for a number that is not given yet. */
  #learn({ labels, seen }: Leave, audience: number | null): 1 | 0 | undefined {
    if (audience === null) return 0;
    if (seen[audience] !== undefined) return seen[audience];
    const found = this.#connection.get(sql`SELECT readers FROM audiences WHERE number = ${audience}`);
    if (!found) return undefined;
    const is = labels.some((label) => (found.readers as string).includes(`\n${label}\n`)) ? 1 : 0;
    seen[audience] = is;
    return is;
  }

  #forgetOldest(): void {
    const [key, { number }] = this.#leaves.entries().next().value!;
    this.#leaves.delete(key);
    this.#numbered.delete(number);
  }
}

/** The table of the audiences. */
export const audiencesSchema = literal(
  'CREATE TABLE IF NOT EXISTS audiences (number INTEGER PRIMARY KEY, readers TEXT NOT NULL UNIQUE) STRICT',
);
