import { refusals, refuse } from '../fhir/refusal.ts';
import type { AnswerShare } from './answer-room.ts';
import { takeSlices } from './slices.ts';

/** Holds the answer to a bundle to a size, and its work to slices. */
export interface AnswerBound {
  /** Counts a part of the answer. Refuses with 403 the part that would make it larger than it may be. */
  take(part: string): string;
  /** Lets others have their turn, when this request has had its own. */
  giveWay(): Promise<void>;
}

/** A bound for one request, in bytes, which takes its share of the room for all answers. */
export function createAnswerBound(most: number, share?: AnswerShare): AnswerBound {
  let size = 0;
  return {
    take: (part) => {
      const bytes = Buffer.byteLength(part);
      if (size + bytes > most) throw refuse(refusals.answerTooLarge, [String(most)]);
      share?.hold(size + bytes);
      size += bytes;
      return part;
    },
    giveWay: takeSlices(),
  };
}
