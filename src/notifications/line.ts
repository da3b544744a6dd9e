import type { Outbox, QueuedEvent } from '../store/outbox.ts';
import type { Outcome } from './channels/outgoing.ts';
import type { NotificationType } from './notification.ts';
import type { Settling } from './settling.ts';
import type { Status, Subscription } from './subscription.ts';
import { type Prepared, settlementsOf } from './telling.ts';

/** How long a receiver that does not take what it is sent is waited for, in milliseconds. */
export interface Patience {
  /** After the first failure; each further one doubles it, up to `longest`. */
  first: number;
  longest: number;
  /** So long without success, and the subscription is in error. */
  most: number;
}

/** What a line works with. */
export interface LineParts {
  outbox: Outbox;
  settling: Settling;
  patience: Patience;
  /** Looks at events as the subscriber may see them now; undefined: the subscriber is no longer let in. */
  prepare(
    subscription: Subscription,
    queued: readonly QueuedEvent[],
    last: number,
  ): Promise<Prepared | undefined>;
  /** Sends one notification. */
  send(
    subscription: Subscription,
    told: { type: NotificationType; status: Status; prepared?: Prepared; count: number },
  ): Promise<Outcome>;
  /** Keeps the status of the subscription. */
  setStatus(subscription: Subscription, status: Status, problem?: string): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  report(error: unknown): void;
}

/** So many events are held in memory; what waits beyond them is read when its turn comes. */
const mostHeld = 500;
/** So many events one notification has where the subscription does not say. */
const usualBatch = 20;
/** A receiver may refuse one event so often before that is left to a person. */
const mostRefusals = 5;
const noLongerLetIn = 'whoever made the subscription is no longer let in';

/**
 * The way of one subscription's events to its receiver, in order and at least once: the first that is not taken holds up
 * those behind it, until it is, or until a person has to look. Owned by the process that delivers.
 */
export class Line {
  subscription: Subscription;
  readonly #parts: LineParts;
  #held: QueuedEvent[] = [];
  /** Whether all that waits is held. */
  #isWhole = false;
  #last: number | undefined;
  #failures = 0;
  #refusals = 0;
  #failingSince: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #toldAt: number;

  constructor(subscription: Subscription, parts: LineParts) {
    this.subscription = subscription;
    this.#parts = parts;
    this.#toldAt = parts.now();
  }

  /** Takes events that were queued just now. */
  push(events: readonly QueuedEvent[]): void {
    if (this.#isWhole && this.#held.length + events.length <= mostHeld) this.#held.push(...events);
    else this.#isWhole = false;
    this.wake();
  }

  /** Another version of the subscription. */
  renew(subscription: Subscription): void {
    if (subscription.status === 'requested') {
      this.#failures = 0;
      this.#refusals = 0;
      this.#failingSince = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.subscription = subscription;
    this.wake();
  }

  /** What waits is to be read anew. */
  reread(): void {
    this.#isWhole = false;
    this.#held = [];
    this.#last = undefined;
    this.wake();
  }

  /** Goes on, unless a pause is to be kept. */
  wake(): void {
    if (this.#isStopped || this.#timer || this.#running) return;
    this.#running = this.#run()
      .catch((error) => {
        this.#parts.report(error);
        this.#retryLater();
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#hasMore()) this.wake();
      });
  }

  /** Sends a heartbeat when nothing was sent for so long. */
  beat(): void {
    const { heartbeat, status, content } = this.subscription;
    if (heartbeat === undefined || status !== 'active' || content === 'plain' || this.#timer || this.#running)
      return;
    if (this.#parts.now() - this.#toldAt < heartbeat) return;
    this.#toldAt = this.#parts.now();
    this.#running = this.#beatNow()
      .catch(this.#parts.report)
      .finally(() => {
        this.#running = undefined;
        this.wake();
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #hasMore(): boolean {
    const { status } = this.subscription;
    if (this.#isStopped || this.#timer) return false;
    return status === 'requested' || (status === 'active' && (this.#held.length > 0 || !this.#isWhole));
  }

  async #run(): Promise<void> {
    if (this.subscription.status === 'requested') await this.#shakeHands();
    while (!this.#isStopped && this.subscription.status === 'active' && !this.#timer) {
      if (this.#held.length === 0 && !this.#isWhole) await this.#fill();
      if (this.#held.length === 0) return;
      await this.#tellNext();
    }
  }

  async #fill(): Promise<void> {
    // What was told is settled before it is asked what waits.
    await this.#parts.settling.flush();
    this.#isWhole = true;
    const waiting = await this.#parts.outbox.waiting(this.subscription.id, mostHeld);
    if (waiting.length === mostHeld) this.#isWhole = false;
    const known = new Set(waiting.map(({ position }) => position));
    this.#held = [...waiting, ...this.#held.filter(({ position }) => !known.has(position))];
  }

  async #shakeHands(): Promise<void> {
    const { subscription } = this;
    const count = await this.#count();
    const isSilent = subscription.content === 'plain';
    const outcome: Outcome = isSilent
      ? { kind: 'taken' }
      : await this.#parts.send(subscription, { type: 'handshake', status: 'requested', count });
    if (this.subscription !== subscription) return;
    if (outcome.kind === 'taken') await this.#enter('active');
    else await this.#enter('error', outcome.problem);
  }

  async #beatNow(): Promise<void> {
    const count = await this.#count();
    await this.#parts.send(this.subscription, { type: 'heartbeat', status: this.subscription.status, count });
  }

  async #count(): Promise<number> {
    this.#last ??= await this.#parts.outbox.lastNumber(this.subscription.id);
    return this.#last;
  }

  async #tellNext(): Promise<void> {
    const { subscription } = this;
    const { content, maxCount = usualBatch } = subscription;
    const batch = this.#held.slice(0, content === 'plain' || this.#refusals > 0 ? 1 : maxCount);
    const prepared = await this.#parts.prepare(subscription, batch, await this.#count());
    if (!prepared) return this.#enter('error', noLongerLetIn);
    if (prepared.events.length === 0) return this.#settled(batch, prepared);
    const outcome = await this.#parts.send(subscription, {
      type: 'event-notification',
      status: 'active',
      prepared,
      count: prepared.last,
    });
    this.#toldAt = this.#parts.now();
    if (outcome.kind === 'taken') return this.#settled(batch, prepared);
    await this.#notTaken(outcome, batch, prepared);
  }

  #settled(batch: readonly QueuedEvent[], prepared: Prepared): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#failingSince = undefined;
    this.#last = prepared.last;
    this.#held.splice(0, batch.length);
    void this.#parts.settling.settle(settlementsOf(this.subscription.id, prepared, 'told'));
  }

  async #notTaken(
    outcome: Exclude<Outcome, { kind: 'taken' }>,
    batch: readonly QueuedEvent[],
    prepared: Prepared,
  ): Promise<void> {
    const { id } = this.subscription;
    const { problem, isSeen } = outcome;
    if (outcome.kind === 'refused') {
      // Of several, first by each alone is known which.
      if (++this.#refusals > mostRefusals && batch.length === 1) {
        this.#refusals = 0;
        this.#failures = 0;
        this.#last = prepared.last;
        this.#held.splice(0, 1);
        await this.#parts.settling.settle(settlementsOf(id, prepared, 'dead', problem));
        return;
      }
    }
    this.#failingSince ??= this.#parts.now();
    if (isSeen) {
      // A number that the receiver may have seen stays that event's.
      const numbers = new Map(prepared.events.map(({ position, number }) => [position, number]));
      this.#held = this.#held.map((event) => {
        const number = numbers.get(event.position);
        return number === undefined ? event : { ...event, number };
      });
      this.#last = prepared.last;
      await this.#parts.settling.settle(settlementsOf(id, prepared, 'waiting', problem));
      const gone = new Set(prepared.hidden.map(({ position }) => position));
      if (gone.size > 0) this.#held = this.#held.filter(({ position }) => !gone.has(position));
    }
    const { most } = this.#parts.patience;
    if (outcome.kind === 'failed' && this.#parts.now() - this.#failingSince >= most)
      return this.#enter('error', problem);
    this.#retryLater(outcome.retryAfter);
  }

  #retryLater(retryAfter = 0): void {
    if (this.#isStopped || this.#timer) return;
    const { first, longest } = this.#parts.patience;
    const doubled = Math.min(first * 2 ** Math.min(this.#failures++, 30), longest);
    // Those whose receiver failed at one moment do not all come back at one moment.
    const delay = Math.max(doubled * (0.8 + 0.4 * Math.random()), retryAfter);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, delay).unref();
  }

  async #enter(status: Status, problem?: string): Promise<void> {
    const { subscription } = this;
    await this.#parts.setStatus(subscription, status, problem);
    if (this.subscription === subscription) this.subscription = { ...subscription, status };
  }
}
