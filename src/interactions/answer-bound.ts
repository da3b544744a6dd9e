import { refusals, refuse } from '../fhir/refusal.ts';
import { takeSlices } from '../store/slices.ts';
import type { Piece } from './answer.ts';
import type { AnswerShare } from './answer-room.ts';

/** Holds the answer to a bundle to a size, and its work to slices. */
export interface AnswerBound {
  /** Counts a part of the answer, and gives it as it is to be kept. Refuses with 403 the part that would make it larger than it may be. */
  take(part: string): Piece;
  /** Refuses with 403 what would be read in vain, once a part was too large: before it is read, not after. */
  refuseFurther(): void;
  /** Lets others have their turn, when this request has had its own. */
  giveWay(): Promise<void>;
}

/** Longer parts are kept as bytes, in characters. */
const longPart = 65_536;

/** A bound for one request, in bytes, which takes its share of the room for all answers. */
export function createAnswerBound(most: number, share?: AnswerShare): AnswerBound {
  let size = 0;
  let isFull = false;
  const tooLarge = () => refuse(refusals.answerTooLarge, [String(most)]);
  return {
    take: (part) => {
      // So long ones have memory of their own: what shares some would take that along to another thread.
      const piece = part.length > longPart ? Buffer.from(part) : part;
      const bytes = Buffer.byteLength(piece);
      isFull = true;
      if (size + bytes > most) throw tooLarge();
      share?.hold(size + bytes);
      isFull = false;
      size += bytes;
      return piece;
    },
    refuseFurther: () => {
      if (isFull) throw tooLarge();
    },
    giveWay: takeSlices(),
  };
}
