import { randomUUID } from 'node:crypto';
import type { Audit } from '../access/audit/audit.ts';
import { loadXml, type Xml } from '../fhir/xml/xml.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Server } from '../interactions/server.ts';
import type { Outbox, QueuedEvent } from '../store/outbox.ts';
import { createSender, type Outcome, type Sender } from './channels/outgoing.ts';
import type { Patience } from './line.ts';
import type { NotificationType, Told } from './notification.ts';
import { requestOf } from './requests.ts';
import type { Seal, Secrets } from './secrets.ts';
import { createSettling, type Settling } from './settling.ts';
import { type StandingParts, standingOf } from './standing.ts';
import type { Status, Subscription } from './subscription.ts';
import type { Targets } from './targets.ts';
import { type Prepared, prepare } from './telling.ts';
import type { Topic } from './topics.ts';
import type { WatchParts } from './watch.ts';

/** What notifications are made with. */
export interface ServiceParts {
  outbox: Outbox;
  server(): Server;
  /** The server as an actor sees it. */
  see(server: Server, actor: Actor | undefined): Server | Promise<Server>;
  /** Who may come in; undefined while access control is off. */
  standing: StandingParts | undefined;
  audit: Audit | undefined;
  topics: ReadonlyMap<string, Topic>;
  seal: Seal;
  targets: Targets;
  patience: Patience;
  report(error: unknown): void;
}

/** What one notification is to say. */
export interface Telling {
  type: NotificationType;
  status: Status;
  prepared?: Prepared;
  count: number;
}

/** What all that tells works with: it looks as the subscriber, records, and sends. */
export interface Services extends Pick<ServiceParts, 'outbox' | 'server' | 'topics' | 'patience' | 'report'> {
  watching: WatchParts;
  settling: Settling;
  sender: Sender;
  /** The server as who made a subscription sees it now; undefined: they are no longer let in. */
  seenBy(subscription: Subscription): Promise<Server | undefined>;
  prepare(
    subscription: Subscription,
    queued: readonly QueuedEvent[],
    last: number,
  ): Promise<Prepared | undefined>;
  toldOf(subscription: Subscription, telling: Telling): Told;
  /** Loads what writes XML. */
  xml(): Promise<Xml>;
  /** Records that a subscriber is told, by the JSON of it: nothing goes out that is not recorded. */
  record(subscription: Subscription, told: Told, json: string): Promise<void>;
  send(subscription: Subscription, telling: Telling): Promise<Outcome>;
  /** Calls whoever waits for events of subscriptions. */
  queued(subscriptions: ReadonlySet<string>): void;
  onQueued(listener: (subscriptions: ReadonlySet<string>) => void): void;
}

/** How long the standing of who made a subscription holds, in milliseconds. */
const standingHolds = 1_000;
const noSecrets: Secrets = { headers: [] };

export function createServices(parts: ServiceParts): Services {
  const { outbox, server, see, standing, audit, topics, seal, targets, patience, report } = parts;
  const sender = createSender(targets);
  const listeners: ((subscriptions: ReadonlySet<string>) => void)[] = [];
  const standings = new Map<string, { at: number; of: Actor; actor: Promise<Actor | undefined> }>();

  /** The standing of the maker of a subscription, looked up again each second. */
  function standingNow({ id, subscriber }: Subscription): Promise<Actor | undefined> {
    const now = performance.now();
    const known = standings.get(id);
    const of = subscriber!;
    if (known && now - known.at < standingHolds && JSON.stringify(known.of) === JSON.stringify(of))
      return known.actor;
    const actor = standingOf(of, standing!);
    standings.set(id, { at: now, of, actor });
    return actor;
  }

  async function seenBy(subscription: Subscription): Promise<Server | undefined> {
    const { subscriber } = subscription;
    // Without access control everybody sees everything.
    if (!standing || !subscriber) return standing ? undefined : server();
    const actor = await standingNow(subscription);
    return actor && (await see(server(), actor));
  }

  const services: Services = {
    outbox,
    server,
    topics,
    patience,
    report,
    sender,
    settling: createSettling(outbox, report),
    watching: {
      topics,
      get searching() {
        return server();
      },
    },
    seenBy,
    prepare: async (subscription, queued, last) => {
      const seen = await seenBy(subscription);
      const topic = topics.get(subscription.criteria.split('|', 1)[0]!);
      return seen && prepare({ server: server(), seen: seen.store, topic }, queued, last);
    },
    toldOf: (subscription, { type, status, prepared, count }) => ({
      type,
      status,
      subscription,
      count,
      events: prepared?.events ?? [],
    }),
    xml: () => loadXml(server().definitions),
    record: async (subscription, told, json) => {
      if (!audit) return;
      const { id, subscriber, endpoint } = subscription;
      const from = endpoint === undefined ? undefined : URL.parse(endpoint)?.hostname;
      const trail = audit.trail({ requestId: randomUUID(), from, actor: subscriber });
      const asked = {
        ...({ method: 'GET', type: 'Subscription', id, query: [] } as const),
        interaction: 'notification' as const,
      };
      await trail.open();
      await trail.answered(asked, {
        status: 200,
        json,
        about: told.events.flatMap(({ text }) => text ?? []),
      });
    },
    send: async (subscription, telling) => {
      const told = services.toldOf(subscription, telling);
      const secrets = subscription.sealed === undefined ? noSecrets : seal.open(subscription.sealed);
      if (!secrets)
        return {
          kind: 'failed',
          problem: 'the secrets of the subscription can no longer be read; send them again',
          isSeen: false,
        };
      const { request, json } = await requestOf(subscription, told, {
        base: server().base,
        secrets,
        now: Date.now(),
        xml: services.xml,
      });
      if (told.events.length > 0) await services.record(subscription, told, json);
      return sender.send(request);
    },
    queued: (subscriptions) => {
      for (const listener of listeners) listener(subscriptions);
    },
    onQueued: (listener) => void listeners.push(listener),
  };
  return services;
}
