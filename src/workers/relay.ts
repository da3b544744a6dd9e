import type { Worker } from 'node:cluster';
import type { CountQuestion } from './counts.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { type NewsRound, newsRound } from './news-round.ts';
import type { TurnName } from './siblings.ts';
import { createTurnQueue, type TurnQueue } from './turn-queue.ts';

/** The counts of the machine. */
export interface MachineCounts {
  answer(question: CountQuestion): number | Promise<number>;
}

/** What the primary does for the processes that serve. */
export interface Relay {
  send(worker: Worker, message: ToWorker): void;
  take(worker: Worker, message: Exclude<FromWorker, { kind: 'listening' }>): void;
  /** One has ended: nobody waits for it. */
  forget(worker: Worker): void;
}

/** Gives turns, carries news, and answers from the counts. */
export function createRelay({
  workers,
  counts,
}: {
  workers: ReadonlySet<Worker>;
  counts: MachineCounts;
}): Relay {
  const queues: Record<TurnName, TurnQueue<Worker>> = {
    write: queue('write'),
    index: queue('index'),
    audit: queue('audit'),
  };
  const rounds = new Map<number, NewsRound<Worker>>();
  let last = 0;

  function queue(turn: TurnName): TurnQueue<Worker> {
    return createTurnQueue({
      yours: (worker, note) => send(worker, { kind: 'turn', turn, note }),
      wanted: (worker) => send(worker, { kind: 'wanted', turn }),
    });
  }

  function send(worker: Worker, message: ToWorker): void {
    if (worker.isConnected()) worker.send(message);
  }

  function tell(from: Worker, { number, news }: Extract<FromWorker, { kind: 'tell' }>): void {
    const round = ++last;
    const others = [...workers].filter((each) => each !== from);
    const noted = newsRound(others, () => {
      rounds.delete(round);
      send(from, { kind: 'told', number });
    });
    if (others.length > 0) rounds.set(round, noted);
    for (const each of others) send(each, { kind: 'news', number: round, news });
  }

  async function count(from: Worker, { number, question }: Extract<FromWorker, { kind: 'count' }>) {
    send(from, { kind: 'counted', number, value: await counts.answer(question) });
  }

  return {
    send,
    take: (worker, message) => {
      switch (message.kind) {
        case 'want':
          return queues[message.turn].want(worker);
        case 'pass':
          return queues[message.turn].pass(worker, message.note);
        case 'tell':
          return tell(worker, message);
        case 'noted':
          return rounds.get(message.number)?.noted(worker);
        case 'count':
          return void count(worker, message);
        default:
          throw new TypeError(`Unknown message ${message satisfies never}`);
      }
    },
    forget: (worker) => {
      for (const each of Object.values(queues)) each.forget(worker);
      for (const round of [...rounds.values()]) round.noted(worker);
    },
  };
}
