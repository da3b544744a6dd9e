import { refusals, refuse } from '../fhir/refusal.ts';

/** What the answer to one request takes of the room that there is for all. */
export interface AnswerShare {
  /** Takes room for so many bytes in all. Refuses with 503 when there is none, also none behind readers who are slow. */
  hold(bytes: number): void;
  /** Tells that the reader has read some of it, or begins to. */
  progress(): void;
  /** Gives all of it back. */
  release(): void;
}

/** The memory that answers take which are being made, or wait to be read. */
export interface AnswerRoom {
  /** @param cut lets go the reader, when others need the room; it then releases the share */
  open(cut: () => void): AnswerShare;
}

/** So long, in milliseconds, a reader may have read nothing before others who need the room come first. */
const patience = 5_000;

/**
 * Room for answers of so many bytes together. Readers who do not read cost no more than that, however many they are: who
 * has read nothing for longest is cut off when another answer needs the room.
 */
export function createAnswerRoom(most: number, now: () => number = () => performance.now()): AnswerRoom {
  interface Held extends AnswerShare {
    bytes: number;
    /** When the reader last read; undefined as long as there is nothing to be read. */
    last: number | undefined;
    cut(): void;
  }
  const shares = new Set<Held>();
  let taken = 0;

  /** Cuts off who has kept others waiting for longest; whether there was one. */
  function cutSlowest(): boolean {
    const slow = [...shares].filter(
      ({ bytes, last }) => bytes > 0 && last !== undefined && last < now() - patience,
    );
    const slowest = slow.sort((a, b) => a.last! - b.last!)[0];
    if (!slowest) return false;
    slowest.release();
    slowest.cut();
    return true;
  }

  return {
    open: (cut) => {
      const share: Held = {
        bytes: 0,
        last: undefined,
        cut,
        hold: (bytes) => {
          const more = bytes - share.bytes;
          if (more <= 0) return;
          while (taken + more > most) if (!cutSlowest()) throw refuse(refusals.answersWaiting);
          taken += more;
          share.bytes = bytes;
        },
        progress: () => {
          share.last = now();
        },
        release: () => {
          taken -= share.bytes;
          share.bytes = 0;
          shares.delete(share);
        },
      };
      shares.add(share);
      return share;
    },
  };
}
