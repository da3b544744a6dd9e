import { refusals, refuse } from '../fhir/refusal.ts';

/** What the body of one request takes of the room that there is for all large ones. */
export interface BodyShare {
  /** Takes room for so many bytes more. Refuses with 503 when there is none. */
  take(bytes: number): void;
  /** Gives all of it back. */
  release(): void;
}

/** The memory that large bodies take together: those that are being received, those that wait, and the one worked at. */
export interface BodyRoom {
  open(): BodyShare;
}

export function createBodyRoom(most: number): BodyRoom {
  let taken = 0;
  return {
    open: () => {
      let own = 0;
      return {
        take: (bytes) => {
          if (taken + bytes > most) throw refuse(refusals.largeRequestsBusy);
          taken += bytes;
          own += bytes;
        },
        release: () => {
          taken -= own;
          own = 0;
        },
      };
    },
  };
}
