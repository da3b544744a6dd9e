import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Operation } from '../interactions/operation.ts';
import type { Server } from '../interactions/server.ts';
import type { IndexedVersion } from '../store/store.ts';
import { createWebsockets, type WebsocketParts, type Websockets } from './channels/websocket.ts';
import { type LeaseTimes, startDeliverer } from './deliverer.ts';
import { notificationOperations } from './operations.ts';
import { createServices, type ServiceParts, type Services } from './services.ts';
import type { Topic } from './topics.ts';
import { capabilityTopic, capabilityWebsocket } from './vocabulary.ts';

/** What `main.ts` gives once the server is put together. */
export interface NotificationParts extends ServiceParts, Pick<WebsocketParts, 'authenticate' | 'origins'> {
  /** Undefined where no other process writes to the same store. */
  lease: LeaseTimes | undefined;
}

/** The notifications of a server. */
export interface Notifications {
  operations: readonly Operation[];
  /** What the CapabilityStatement says of them. */
  capabilities(topics: ReadonlyMap<string, Topic>): NonNullable<Server['subscriptions']>;
  /** Told of what this process has kept. */
  kept(versions: readonly IndexedVersion[]): Promise<void>;
  /** Begins to tell. */
  begin(parts: NotificationParts): void;
  /** Takes a request that wants to become a websocket. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Hangs up on all websockets: they would keep the server from ending. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** Notifications, whose operations are part of the server that they need: they begin once that is there. */
export function createNotifications(websocketUrl: string): Notifications {
  let services: Services | undefined;
  let websockets: Websockets | undefined;
  let deliverer: ReturnType<typeof startDeliverer> | undefined;
  return {
    operations: notificationOperations({
      services: () => services!,
      reread: (id) => deliverer?.registry?.lineOf(id)?.reread(),
      websocketUrl: () => websocketUrl,
    }),
    capabilities: (topics) => ({
      rest: [{ url: capabilityWebsocket, valueUri: websocketUrl }],
      resource: [...topics.keys()].map((url) => ({ url: capabilityTopic, valueCanonical: url })),
    }),
    kept: async (versions) => deliverer?.recent.keep(versions),
    upgrade: (message, socket, head) => websockets?.upgrade(message, socket, head),
    hangUp: () => websockets?.close(),
    begin: ({ lease, authenticate, origins, ...parts }) => {
      services = createServices(parts);
      websockets = createWebsockets({
        services,
        path: new URL(websocketUrl).pathname,
        origins,
        authenticate,
        see: parts.see,
        isShared: lease !== undefined,
      });
      deliverer = startDeliverer(services, lease);
    },
    stop: async () => {
      await deliverer?.stop();
      services?.sender.close();
    },
  };
}
