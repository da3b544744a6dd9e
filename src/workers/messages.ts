import type { CountQuestion } from './counts.ts';
import type { News, TurnName } from './siblings.ts';

/** What a server process sends the primary. */
export type FromWorker =
  | { kind: 'listening'; base: string }
  /** It wants a turn, or passes it on. */
  | { kind: 'want'; turn: TurnName }
  | { kind: 'pass'; turn: TurnName; note: number | undefined }
  /** News for the others, and that it has taken note of another's. */
  | { kind: 'tell'; number: number; news: News }
  | { kind: 'noted'; number: number }
  | { kind: 'count'; number: number; question: CountQuestion };

/** What the primary sends a server process. */
export type ToWorker =
  | { kind: 'turn'; turn: TurnName; note: number | undefined }
  /** Another process waits for the turn that this one has. */
  | { kind: 'wanted'; turn: TurnName }
  | { kind: 'news'; number: number; news: News }
  | { kind: 'told'; number: number }
  | { kind: 'counted'; number: number; value: number }
  | { kind: 'stop' };
