import { once } from 'node:events';
import { type ChangeStream, type Db, type Document, MongoServerError } from 'mongodb';
import { type KeptChange, type KeptChanges, LogLost, type Reading } from '../outbox.ts';
import { refusalOf } from './failure.ts';

/** So many changes are read ahead at most. */
const mostAhead = 2_000;
/** How long the database waits for a change before it says that there is none, in milliseconds. */
const awaiting = 1_000;

/** What the database says when its log does not reach back to a place, or when that is none of its own. */
const lostCodes: ReadonlySet<number | string | undefined> = new Set([260, 280, 286]);

/**
 * New versions and nothing else: an update in place, as of labels, makes none; the history only repeats what was current.
 */
const pipeline: Document[] = [
  {
    $match: {
      operationType: { $in: ['insert', 'replace'] },
      'ns.coll': { $regex: '^[A-Z][A-Za-z]*$' },
    },
  },
  { $project: { ns: 1, documentKey: 1, 'fullDocument.v': 1 } },
];

interface Entry {
  change: KeptChange;
  place: string;
}

/**
 * The log of MongoDB itself (https://www.mongodb.com/docs/manual/changeStreams/), which is written with the data and
 * costs a write nothing: one change stream of the database, read ahead, from the place where it is followed.
 */
export class ChangeLog {
  readonly #database: Db;
  #open: { stream: ChangeStream; place: string; reading: Promise<void> } | undefined;
  #ahead: Entry[] = [];
  #failure: { error: unknown } | undefined;
  readonly #signals = new EventTarget();

  constructor(database: Db) {
    this.#database = database;
  }

  /** The end of the log. */
  async end(): Promise<string> {
    const stream = this.#database.watch(pipeline, { maxAwaitTimeMS: 1 });
    try {
      await stream.tryNext();
      return JSON.stringify(stream.resumeToken);
    } finally {
      await stream.close();
    }
  }

  /** As `Outbox.follow`. */
  async follow(place: string, { limit, patience, signal }: Reading): Promise<KeptChanges> {
    if (this.#open?.place !== place) await this.#begin(place);
    if (this.#ahead.length === 0 && !this.#failure && !signal.aborted)
      await once(this.#signals, 'more', {
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      }).catch(() => {});
    if (this.#ahead.length === 0 && this.#failure) {
      const { error } = this.#failure;
      await this.close();
      throw error instanceof MongoServerError && lostCodes.has(error.code)
        ? new LogLost('The log of changes does not reach back', { cause: error })
        : refusalOf(error);
    }
    const taken = this.#ahead.splice(0, limit);
    this.#signals.dispatchEvent(new Event('taken'));
    const behind = taken.at(-1)?.place ?? place;
    this.#open!.place = behind;
    return { changes: taken.map(({ change }) => change), place: behind };
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#ahead = [];
    this.#failure = undefined;
    this.#signals.dispatchEvent(new Event('taken'));
    await open?.stream.close().catch(() => {});
    await open?.reading;
  }

  async #begin(place: string): Promise<void> {
    await this.close();
    const stream = this.#database.watch(pipeline, {
      resumeAfter: JSON.parse(place) as Document,
      maxAwaitTimeMS: awaiting,
      batchSize: 500,
    });
    this.#open = { stream, place, reading: this.#readAhead(stream) };
  }

  async #readAhead(stream: ChangeStream): Promise<void> {
    try {
      while (!stream.closed) {
        const next = (await stream.next()) as Document;
        if (this.#open?.stream !== stream) return;
        const change = {
          type: next.ns.coll as string,
          id: next.documentKey._id as string,
          version: next.fullDocument.v as number,
        };
        this.#ahead.push({ change, place: JSON.stringify(next._id) });
        this.#signals.dispatchEvent(new Event('more'));
        while (this.#ahead.length >= mostAhead) await once(this.#signals, 'taken');
      }
    } catch (error) {
      if (this.#open?.stream !== stream) return;
      this.#failure = { error };
      this.#signals.dispatchEvent(new Event('more'));
    }
  }
}
