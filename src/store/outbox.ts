/** A version that a transaction has made durable. */
export interface KeptChange {
  type: string;
  id: string;
  version: number;
}

/** The changes behind a place of the log, oldest first, and the place behind the last of them. */
export interface KeptChanges {
  changes: readonly KeptChange[];
  place: string;
}

/** How long to wait for changes where there are none, in milliseconds, and how many to read at most. */
export interface Reading {
  limit: number;
  patience: number;
  signal: AbortSignal;
}

/** Up to where the log and the clock have been followed. */
export interface Progress {
  /** A place of the log. */
  place: string;
  /** Milliseconds since the epoch. */
  clock: number;
}

/** What has become of an event: it waits to be told, was told, or could not be told and waits for a person. */
export type EventState = 'waiting' | 'told' | 'dead';

/** In the place of a version: an event is about the resource as it is when it is told. */
export const currentVersion = 0;

/** What one subscription is to be told. */
export interface NewEvent extends KeptChange {
  subscription: string;
  /** Why, so that the same is never queued twice: `change`, or the instant of a term that has passed. */
  cause: string;
  /** The instant of the event, in milliseconds since the epoch. */
  at: number;
}

/** An event in the queue. */
export interface QueuedEvent extends NewEvent {
  /** The order of events. */
  position: number;
  /** Its number within the subscription: 1, 2, 3, … in the order of events, given when it is told first. */
  number?: number;
  state: EventState;
  /** Why it could not be told. */
  problem?: string;
}

/** What has become of an event; `gone` takes it out of the queue. */
export interface Settlement {
  subscription: string;
  position: number;
  number?: number;
  state: EventState | 'gone';
  problem?: string;
}

/** Which numbered events of a subscription are meant: both ends included. */
export interface NumberRange {
  since: number;
  until: number;
  limit: number;
}

/**
 * What is to be told to others about what is stored: the log of changes, which is written by the transaction that makes
 * them, and the queue of events that are made of it. It is no part of the FHIR data. All of it throws
 * `refusals.storeUnavailable` while the database does not answer.
 */
export interface Outbox {
  /** Up to where the log has been followed; undefined where nobody ever has. */
  progress(): Promise<Progress | undefined>;
  /** The end of the log, from which it can be followed. */
  end(): Promise<string>;
  /**
   * The changes behind a place; waits for some when there are none. Throws a `LogLost` when the log does not reach back
   * to the place.
   */
  follow(place: string, reading: Reading): Promise<KeptChanges>;
  /** Keeps events, except those that are there, and how far the log was followed for them; gives those that are new. */
  append(events: readonly NewEvent[], progress: Progress): Promise<QueuedEvent[]>;
  /** The first events of a subscription that wait, in their order. */
  waiting(subscription: string, limit: number): Promise<QueuedEvent[]>;
  /** The subscriptions for which events wait. */
  subscriptionsWaiting(): Promise<string[]>;
  /** The highest number that an event of the subscription has; 0 where none has. */
  lastNumber(subscription: string): Promise<number>;
  /** Events that have a number, by it. */
  numbered(subscription: string, range: NumberRange): Promise<QueuedEvent[]>;
  dead(subscription: string, limit: number): Promise<QueuedEvent[]>;
  /** Keeps what has become of events, all or none. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Lets events with these numbers wait once more; gives how many. */
  resend(subscription: string, range: NumberRange): Promise<number>;
  /** Takes events out of the queue: all of a subscription, or of each those before an instant, but for its last number. */
  forget(what: { subscription: string } | { before: number }): Promise<void>;
}

/** The log does not reach back to where it was followed. */
export class LogLost extends Error {}
