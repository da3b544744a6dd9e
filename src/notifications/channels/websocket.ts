import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Actor } from '../../interactions/actor.ts';
import type { Server } from '../../interactions/server.ts';
import { notificationOf } from '../notification.ts';
import type { Services } from '../services.ts';
import { readSubscription, type Subscription } from '../subscription.ts';
import { settlementsOf } from '../telling.ts';
import { writtenAs } from '../written.ts';

/** What websockets work with. */
export interface WebsocketParts {
  services: Services;
  /** The path at which they are opened. */
  path: string;
  /** Web pages of these origins may open one. */
  origins: '*' | readonly string[];
  /** For whom a request is made; throws where that is not proved. */
  authenticate(message: IncomingMessage): Actor | undefined | Promise<Actor | undefined>;
  /** The server as an actor sees it. */
  see(server: Server, actor: Actor | undefined): Server | Promise<Server>;
  /** Whether other processes queue events of which nobody tells this one. */
  isShared: boolean;
}

/** The websockets of a process. */
export interface Websockets {
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Hangs up on all. */
  close(): void;
}

/** One subscription at one socket. */
interface Binding {
  socket: WebSocket;
  subscription: string;
  /** The number of the last event that was sent here. */
  last: number;
  sentAt: number;
}

const mostSockets = 2_000;
const mostBindings = 100;
const longestMessage = 8_192;
/** Whoever has not bound anything by then is let go, in milliseconds. */
const bindTime = 30_000;
/** What a socket may leave unread, in bytes: who is slower catches up with `$events`. */
const mostUnread = 4_000_000;
const batch = 200;
/** How often it is looked whether there is something to send, in milliseconds. */
const sharedPoll = 200;
const beat = 1_000;

/**
 * Subscriptions of the channel `websocket`: `bind-with-token [token]` of `$get-ws-binding-token` is answered with a
 * handshake for each subscription, `bind [id]` of R4 with `bound [id]`; then come notifications in the media type of the
 * subscription, or R4's `ping [id]`. What has waited comes at once; where nobody is bound, it waits.
 */
export function createWebsockets(parts: WebsocketParts): Websockets {
  const { services, path, origins, authenticate, see, isShared } = parts;
  const server = new WebSocketServer({ noServer: true, maxPayload: longestMessage });
  const bindings = new Map<string, Set<Binding>>();
  const following = new Map<string, Promise<void>>();
  services.onQueued((subscriptions) => {
    for (const id of subscriptions) if (bindings.has(id)) void follow(id);
  });
  const timers = [setInterval(beatAll, beat), ...(isShared ? [setInterval(followAll, sharedPoll)] : [])].map(
    (timer) => timer.unref(),
  );

  function followAll(): void {
    for (const id of bindings.keys()) void follow(id);
  }

  /** Sends what there is, one round after the other for each subscription. */
  function follow(id: string): Promise<void> {
    const next = (following.get(id) ?? Promise.resolve())
      .then(() => sendWhatWaits(id))
      .catch(services.report)
      .finally(() => {
        if (following.get(id) === next) following.delete(id);
      });
    following.set(id, next);
    return next;
  }

  async function sendWhatWaits(id: string): Promise<void> {
    const bound = bindings.get(id);
    if (!bound) return;
    const subscription = await find(id);
    if (subscription?.status !== 'active') {
      if (!subscription || subscription.status === 'off') for (const each of bound) unbind(each);
      return;
    }
    const { outbox } = services;
    const waiting = await outbox.waiting(id, batch);
    if (waiting.length > 0) {
      const prepared = await services.prepare(subscription, waiting, await outbox.lastNumber(id));
      if (!prepared) return letGo(bound);
      await outbox.settle(settlementsOf(id, prepared, 'told'));
    }
    for (const binding of bound) await sendTo(binding, subscription);
    if (waiting.length === batch) void follow(id);
  }

  async function sendTo(binding: Binding, subscription: Subscription): Promise<void> {
    const range = { since: binding.last + 1, until: Number.MAX_SAFE_INTEGER, limit: batch };
    const queued = await services.outbox.numbered(subscription.id, range);
    if (queued.length === 0) return;
    const prepared = await services.prepare(subscription, queued, binding.last);
    if (!prepared) return letGo([binding]);
    binding.last = queued.at(-1)!.number!;
    const size = subscription.content === 'plain' ? 1 : (subscription.maxCount ?? batch);
    for (let from = 0; from < prepared.events.length; from += size) {
      const events = prepared.events.slice(from, from + size);
      const told = { ...prepared, events, hidden: [] };
      await send(binding, subscription, 'event-notification', told, events.at(-1)!.number);
    }
  }

  async function send(
    binding: Binding,
    subscription: Subscription,
    type: 'handshake' | 'heartbeat' | 'event-notification',
    prepared: Parameters<Services['toldOf']>[1]['prepared'],
    count: number,
  ): Promise<void> {
    const told = services.toldOf(subscription, {
      ...{ type, status: subscription.status, count },
      ...(prepared && { prepared }),
    });
    const { id, content, mime } = subscription;
    const isPlain = content === 'plain';
    const json = isPlain ? '' : notificationOf(services.server().base, told, Date.now());
    if (told.events.length > 0) await services.record(subscription, told, json);
    const text = isPlain ? `ping ${id}` : await writtenAs(mime, json, services.xml);
    if (binding.socket.bufferedAmount > mostUnread) return binding.socket.terminate();
    binding.socket.send(text);
    binding.sentAt = Date.now();
  }

  async function find(id: string): Promise<Subscription | undefined> {
    const version = await services.server().store.read('Subscription', id);
    return version?.text ? readSubscription(readJson(version.text) as Resource) : undefined;
  }

  async function bind(socket: WebSocket, id: string): Promise<Subscription | undefined> {
    const subscription = await find(id);
    if (subscription?.channel !== 'websocket' || subscription.status === 'off') return undefined;
    if (!(await services.seenBy(subscription))) return undefined;
    if (
      [...bindings.values()].flatMap((each) => [...each]).filter((each) => each.socket === socket).length >=
      mostBindings
    )
      return undefined;
    const last = await services.outbox.lastNumber(id);
    const binding: Binding = { socket, subscription: id, last, sentAt: Date.now() };
    if (subscription.content !== 'plain') await send(binding, subscription, 'handshake', undefined, last);
    const there = bindings.get(id);
    for (const each of there ?? []) if (each.socket === socket) there!.delete(each);
    if (there) there.add(binding);
    else bindings.set(id, new Set([binding]));
    return subscription;
  }

  function unbind(binding: Binding): void {
    const bound = bindings.get(binding.subscription);
    bound?.delete(binding);
    if (bound?.size === 0) bindings.delete(binding.subscription);
  }

  /** Whoever made the subscription is no longer let in. */
  function letGo(bound: Iterable<Binding>): void {
    for (const binding of [...bound]) {
      unbind(binding);
      binding.socket.close(1008, 'no longer let in');
    }
  }

  function beatAll(): void {
    for (const [id, bound] of bindings)
      void find(id)
        .then(async (subscription) => {
          const { heartbeat, content } = subscription ?? {};
          if (!subscription || heartbeat === undefined || content === 'plain') return;
          for (const binding of bound)
            if (Date.now() - binding.sentAt >= heartbeat)
              await send(binding, subscription, 'heartbeat', undefined, binding.last);
        })
        .catch(services.report);
  }

  /** Does what one message asks for. */
  async function take(socket: WebSocket, actor: Actor | undefined, text: string): Promise<boolean> {
    const [, token] = /^bind-with-token[\s:]+(\S{1,4096})\s*$/.exec(text) ?? [];
    const [, id] = /^bind[\s:]+([A-Za-z0-9.-]{1,64})\s*$/.exec(text) ?? [];
    if (token === undefined && id === undefined) return false;
    let ids: readonly string[] = [];
    if (token !== undefined) {
      const opened = services.server().cursor.open(token) as { bind?: string[]; until?: number } | null;
      if (!opened?.bind || !(opened.until! > services.server().now())) return false;
      ids = opened.bind;
    } else {
      // Without a token: whoever the request that opened the socket was from.
      const seen = await see(services.server(), actor);
      if (!(await seen.store.read('Subscription', id!))?.text) return false;
      ids = [id!];
    }
    let count = 0;
    for (const each of ids) {
      const subscription = await bind(socket, each);
      if (!subscription) continue;
      count++;
      if (subscription.content === 'plain') socket.send(`bound ${each}`);
      void follow(each);
    }
    return count > 0;
  }

  server.on('connection', (socket: WebSocket, _message: IncomingMessage, actor: Actor | undefined) => {
    const late = setTimeout(() => socket.close(1008, 'nothing bound'), bindTime).unref();
    let taking = Promise.resolve();
    socket.on('message', (data) => {
      taking = taking.then(async () => {
        const isTaken = await take(socket, actor, String(data)).catch((error) => {
          services.report(error);
          return false;
        });
        if (isTaken) clearTimeout(late);
        else socket.close(1008, 'not bound: bind-with-token [token], or bind [id]');
      });
    });
    socket.on('close', () => {
      clearTimeout(late);
      for (const bound of [...bindings.values()])
        for (const each of [...bound]) if (each.socket === socket) unbind(each);
    });
    socket.on('error', () => socket.terminate());
  });

  async function open(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { origin, authorization, 'x-api-key': key } = message.headers;
    const isForeign = origin !== undefined && origins !== '*' && !origins.includes(origin);
    if (isForeign) return refuse(socket, '403 Forbidden');
    if (server.clients.size >= mostSockets) return refuse(socket, '503 Service Unavailable');
    let actor: Actor | undefined;
    try {
      if (authorization !== undefined || key !== undefined) actor = await authenticate(message);
    } catch {
      return refuse(socket, '401 Unauthorized');
    }
    server.handleUpgrade(message, socket, head, (opened) =>
      server.emit('connection', opened, message, actor),
    );
  }

  return {
    upgrade: (message, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (URL.parse(message.url ?? '', 'http://localhost')?.pathname !== path)
        return refuse(socket, '404 Not Found');
      void open(message, socket, head).catch((error) => {
        services.report(error);
        socket.destroy();
      });
    },
    close: () => {
      for (const timer of timers) clearInterval(timer);
      for (const socket of server.clients) socket.close(1001, 'the server stops');
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
