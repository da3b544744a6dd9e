/** Who has a turn, and who waits for it. */
export interface TurnQueue<T> {
  want(asker: T): void;
  /** Passes the turn on; only who has it can. */
  pass(holder: T, note?: number): void;
  /** Forgets one that has ended: its turn goes to the next. */
  forget(gone: T): void;
}

/** What the queue says to those in it. */
export interface TurnAnnouncer<T> {
  /** The turn of this one has come; the note is what the last holder has left. */
  yours(holder: T, note: number | undefined): void;
  /** Somebody waits for the turn of this one. */
  wanted(holder: T): void;
}

/**
 * A turn that one at a time has, in the order of asking. Who has it may keep it for as long as nobody else wants it, and
 * is told when somebody does.
 */
export function createTurnQueue<T>({ yours, wanted }: TurnAnnouncer<T>): TurnQueue<T> {
  let holder: T | undefined;
  let waiting: T[] = [];
  let left: number | undefined;

  function next(): void {
    holder = waiting.shift();
    if (holder === undefined) return;
    yours(holder, left);
    if (waiting.length > 0) wanted(holder);
  }

  return {
    want: (asker) => {
      waiting.push(asker);
      if (holder === undefined) next();
      else if (waiting.length === 1) wanted(holder);
    },
    pass: (from, note) => {
      if (from !== holder) return;
      left = note ?? left;
      next();
    },
    forget: (gone) => {
      waiting = waiting.filter((each) => each !== gone);
      if (gone === holder) next();
    },
  };
}
