/** What has become of the disk or the file of the database, as far as SQLite has noticed. */
export interface Trouble {
  /** Takes note of a result code of SQLite (https://sqlite.org/rescode.html). */
  note(code: number): void;
  /** A write has been kept: the disk has room again. */
  over(): void;
  /** What is the matter, for people; undefined when nothing is. */
  readonly problem: string | undefined;
}

const damaged =
  'the database file is damaged: stop the server, keep a copy of its folder, and restore the latest backup, or recover what can be read with the sqlite3 command ".recover"';
const full = 'the disk is full: nothing is lost, but nothing can be written until there is room';

const problems: Readonly<Record<number, string>> = { 11: damaged, 26: damaged, 13: full };

/** Trouble is told once, when it begins; that of a damaged file does not end by itself. */
export function createTrouble(log: (message: string) => void): Trouble {
  let problem: string | undefined;
  return {
    note: (code) => {
      const found = problems[code];
      if (!found || problem === found || problem === damaged) return;
      problem = found;
      log(found);
    },
    over: () => {
      if (problem === full) problem = undefined;
    },
    get problem() {
      return problem;
    },
  };
}
