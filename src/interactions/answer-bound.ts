import { refusals, refuse } from '../fhir/refusal.ts';
import { takeSlices } from '../store/slices.ts';
import type { Piece } from './answer.ts';
import type { AnswerShare } from './answer-room.ts';

/** Holds the answer to a bundle to a size, and its work to slices. */
export interface AnswerBound {
  /** Counts a part of the answer, and gives it as it is to be kept. Refuses with 403 the part that would make it larger than it may be. */
  take(part: string): Piece;
  /** Once a part was refused, refuses as that was what would be read in vain: before it is read, not after. */
  refuseFurther(): void;
  /** Lets others have their turn, when this request has had its own. */
  giveWay(): Promise<void>;
}

/** Longer parts are kept as bytes, in characters. */
const longPart = 65_536;

/** A bound for one request, in bytes, which takes its share of the room for all answers. */
export function createAnswerBound(most: number, share?: AnswerShare): AnswerBound {
  let size = 0;
  let refusal: unknown;
  return {
    take: (part) => {
      // So long ones have memory of their own: what shares some would take that along to another thread.
      const piece = part.length > longPart ? Buffer.from(part) : part;
      const bytes = Buffer.byteLength(piece);
      try {
        if (size + bytes > most) throw refuse(refusals.answerTooLarge, [String(most)]);
        share?.hold(size + bytes);
      } catch (error) {
        refusal = error;
        throw error;
      }
      size += bytes;
      return piece;
    },
    refuseFurther: () => {
      if (refusal !== undefined) throw refusal;
    },
    giveWay: takeSlices(),
  };
}
