import cluster from 'node:cluster';
import { type CountSettings, countsElsewhere } from './counts.ts';
import { type KeptTurn, keepTurn } from './kept-turn.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { NewsListener, Siblings, TurnName } from './siblings.ts';

/** This process as one of several: its siblings, and its ties to the primary that has started it. */
export interface Worker {
  siblings: Siblings;
  /** Tells that it listens, and where. */
  listening(base: string): void;
  /** Resolves when the primary wants it to stop. */
  readonly stopped: Promise<void>;
}

/**
 * Ties this process to its primary. A process whose primary has ended ends as well: another server may have the data by
 * then (https://nodejs.org/api/cluster.html#event-disconnect).
 */
export function asWorker(settings: Omit<CountSettings, 'now'>): Worker {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const turns = new Map<TurnName, KeptTurn>();
  const asked = new Map<number, (value: number) => void>();
  let listener: NewsListener = async () => {};
  let last = 0;

  function send(message: FromWorker): void {
    if (process.connected) process.send!(message);
  }

  function turnNamed(turn: TurnName): KeptTurn {
    let kept = turns.get(turn);
    if (!kept) {
      kept = keepTurn({
        want: () => send({ kind: 'want', turn }),
        passOn: (note) => send({ kind: 'pass', turn, note }),
      });
      turns.set(turn, kept);
    }
    return kept;
  }

  function ask(message: (number: number) => FromWorker): Promise<number> {
    const number = ++last;
    return new Promise((resolve) => {
      asked.set(number, resolve);
      send(message(number));
    });
  }

  function answered(number: number, value: number): void {
    asked.get(number)?.(value);
    asked.delete(number);
  }

  process.on('message', async (message: ToWorker) => {
    switch (message.kind) {
      case 'turn':
        return turnNamed(message.turn).came(message.note);
      case 'wanted':
        return turnNamed(message.turn).wanted();
      case 'news':
        await listener(message.news).catch(() => {});
        return send({ kind: 'noted', number: message.number });
      case 'told':
        return answered(message.number, 0);
      case 'counted':
        return answered(message.number, message.value);
      case 'stop':
        return stop();
      default:
        throw new TypeError(`Unknown message ${message satisfies never}`);
    }
  });

  return {
    siblings: {
      isAlone: false,
      isFirst: cluster.worker!.id === 1,
      turn: (name) => turnNamed(name).take(),
      tell: async (news) => void (await ask((number) => ({ kind: 'tell', number, news }))),
      hear: (next) => {
        listener = next;
      },
      counts: countsElsewhere((question) => ask((number) => ({ kind: 'count', number, question })), {
        ...settings,
        now: Date.now,
      }),
    },
    listening: (base) => send({ kind: 'listening', base }),
    stopped,
  };
}
