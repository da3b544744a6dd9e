import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type {
  EventState,
  NewEvent,
  NumberRange,
  Outbox,
  Progress,
  QueuedEvent,
  Settlement,
} from '../outbox.ts';
import { ChangeLog } from './change-log.ts';
import { failureOf } from './failure.ts';

interface EventDocument {
  /** What makes the event: so it cannot be queued twice. */
  _id: string;
  subscription: string;
  cause: string;
  type: string;
  id: string;
  version: number;
  at: number;
  position: number;
  number?: number;
  state: EventState;
  problem?: string;
}

interface ProgressDocument extends Progress {
  _id: 'log';
}

/**
 * The outbox on MongoDB: the collections `events` and `followed`. `ask` runs what is asked of the database once that has
 * answered, and lets no error of the driver out.
 */
export function outboxOf(
  database: Db,
  ask: <T>(run: () => Promise<T>) => Promise<T>,
): Outbox & { close(): Promise<void> } {
  const events = database.collection<EventDocument>('events');
  const followed = database.collection<ProgressDocument>('followed');
  const log = new ChangeLog(database);
  let prepared: Promise<unknown> | undefined;

  /** The indexes are made by who uses the outbox first. */
  const asked = <T>(run: () => Promise<T>): Promise<T> =>
    ask(async () => {
      prepared ??= createIndexes(events).catch((error) => {
        prepared = undefined;
        throw error;
      });
      await prepared;
      return run();
    });
  const found = (filter: object, sort: 'position' | 'number', limit: number): Promise<QueuedEvent[]> =>
    asked(async () =>
      (
        await events
          .find(filter)
          .sort({ [sort]: 1 })
          .limit(limit)
          .toArray()
      ).map(eventOf),
    );
  const within = (subscription: string, { since, until }: NumberRange) => ({
    subscription,
    number: { $gte: since, $lte: until },
  });

  async function lastPosition(): Promise<number> {
    const [last] = await events.find().sort({ position: -1 }).limit(1).project({ position: 1 }).toArray();
    return (last?.position as number | undefined) ?? 0;
  }

  async function insertNew(given: readonly NewEvent[]): Promise<QueuedEvent[]> {
    if (given.length === 0) return [];
    const ids = given.map(keyOf);
    const there = new Set(
      (
        await events
          .find({ _id: { $in: ids } })
          .project({ _id: 1 })
          .toArray()
      ).map(({ _id }) => _id as string),
    );
    const last = await lastPosition();
    const added = new Map<string, QueuedEvent>();
    for (const [index, event] of given.entries()) {
      const _id = ids[index]!;
      if (!there.has(_id) && !added.has(_id))
        added.set(_id, { ...event, position: last + index + 1, state: 'waiting' });
    }
    if (added.size > 0) await events.insertMany([...added].map(([_id, event]) => ({ _id, ...event })));
    return [...added.values()];
  }

  return {
    progress: () =>
      asked(async () => {
        const there = await followed.findOne({ _id: 'log' });
        return there ? { place: there.place, clock: there.clock } : undefined;
      }),
    end: () => asked(() => log.end()),
    follow: (place, reading) => asked(() => log.follow(place, reading)),
    // Where this ends half way, the log is followed again from the same place, and what is there is left as it is.
    append: (given, progress) =>
      asked(async () => {
        const added = await insertNew(given);
        await followed.replaceOne({ _id: 'log' }, progress, { upsert: true });
        return added;
      }),
    waiting: (subscription, limit) => found({ subscription, state: 'waiting' }, 'position', limit),
    subscriptionsWaiting: () =>
      asked(async () => (await events.distinct('subscription', { state: 'waiting' })) as string[]),
    lastNumber: (subscription) =>
      asked(async () => {
        const [last] = await events
          .find({ subscription, number: { $exists: true } })
          .sort({ number: -1 })
          .limit(1)
          .project({ number: 1 })
          .toArray();
        return (last?.number as number | undefined) ?? 0;
      }),
    numbered: (subscription, range) => found(within(subscription, range), 'number', range.limit),
    dead: (subscription, limit) => found({ subscription, state: 'dead' }, 'position', limit),
    settle: (settlements) =>
      asked(async () => {
        if (settlements.length === 0) return;
        await events.bulkWrite(settlements.flatMap(writesOf), { ordered: false }).catch((error) => {
          // The number that an event has, and one that another has, stays.
          if (failureOf(error) !== 'taken') throw error;
        });
      }),
    resend: (subscription, range) =>
      asked(async () => {
        const { matchedCount } = await events.updateMany(within(subscription, range), {
          $set: { state: 'waiting' },
          $unset: { problem: '' },
        });
        return matchedCount;
      }),
    forget: (what) =>
      asked(async () => {
        if ('subscription' in what) await events.deleteMany({ subscription: what.subscription });
        else await forgetOld(events, what.before);
      }),
    close: () => log.close(),
  };
}

async function createIndexes(events: Collection<EventDocument>): Promise<void> {
  await events.createIndexes([
    { name: 'order', key: { position: 1 } },
    { name: 'open', key: { subscription: 1, state: 1, position: 1 } },
    {
      name: 'number',
      key: { subscription: 1, number: 1 },
      unique: true,
      partialFilterExpression: { number: { $exists: true } },
    },
    { name: 'at', key: { at: 1 } },
  ]);
}

/** The last that has a number stays, since the numbers of those to come go on from there. */
async function forgetOld(events: Collection<EventDocument>, before: number): Promise<void> {
  const old = { at: { $lt: before } };
  for (const subscription of (await events.distinct('subscription', old)) as string[]) {
    const [last] = await events.find({ subscription }).sort({ number: -1 }).limit(1).toArray();
    const mayGo = [{ number: { $exists: false } }, { number: { $lt: last?.number ?? 0 } }];
    await events.deleteMany({ ...old, subscription, $or: mayGo });
  }
}

function keyOf({ subscription, cause, type, id, version }: NewEvent): string {
  return `${subscription} ${type}/${id}/${version} ${cause}`;
}

function writesOf({
  subscription,
  position,
  number,
  state,
  problem,
}: Settlement): AnyBulkWriteOperation<EventDocument>[] {
  const filter = { subscription, position };
  if (state === 'gone') return [{ deleteOne: { filter } }];
  const update =
    problem === undefined
      ? { $set: { state }, $unset: { problem: '' as const } }
      : { $set: { state, problem } };
  const unnumbered = { ...filter, number: { $exists: false } };
  return [
    { updateOne: { filter, update } },
    ...(number === undefined ? [] : [{ updateOne: { filter: unnumbered, update: { $set: { number } } } }]),
  ];
}

function eventOf({ _id, ...event }: EventDocument): QueuedEvent {
  return event;
}
