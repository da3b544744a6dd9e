import type { Turn } from './siblings.ts';

/** A turn as one process has it: for its own works, one after the other. */
export interface KeptTurn {
  /** Resolves when the turn has come, and no other work of this process has it. */
  take(): Promise<Turn>;
  /** It has come. */
  came(note: number | undefined): void;
  /** Another process wants it. */
  wanted(): void;
}

/**
 * Keeps the turn between two works as long as no other process wants it, so that a process that works alone asks once.
 * A process that is asked for the turn does the work that has begun, and goes to the end of the line.
 */
export function keepTurn({
  want,
  passOn,
}: {
  want(): void;
  passOn(note: number | undefined): void;
}): KeptTurn {
  const waiting: ((turn: Turn) => void)[] = [];
  let state: 'none' | 'asked' | 'idle' | 'used' = 'none';
  let isWanted = false;
  /** What is left for the next one. */
  let left: number | undefined;

  function ask(): void {
    state = 'asked';
    want();
  }

  function giveBack(): void {
    isWanted = false;
    state = 'none';
    passOn(left);
    if (waiting.length > 0) ask();
  }

  function begin(work: (turn: Turn) => void): void {
    state = 'used';
    let isOver = false;
    work({
      note: left,
      pass: (note) => {
        if (isOver) return;
        isOver = true;
        left = note ?? left;
        const next = isWanted ? undefined : waiting.shift();
        if (isWanted) giveBack();
        else if (next) begin(next);
        else state = 'idle';
      },
    });
  }

  return {
    take: () =>
      new Promise((resolve) => {
        if (state === 'idle') {
          begin(resolve);
          return;
        }
        waiting.push(resolve);
        if (state === 'none') ask();
      }),
    came: (note) => {
      left = note;
      state = 'idle';
      const next = waiting.shift();
      if (next) begin(next);
    },
    wanted: () => {
      if (state === 'idle') giveBack();
      else isWanted = state === 'used';
    },
  };
}
