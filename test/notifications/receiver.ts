import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a receiver got. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Somebody who is told: what came, in its order, and how it is answered. */
export interface Receiver {
  /** The address below which it listens, on this machine. */
  url: string;
  received: Received[];
  /** The status of the next answers; a function decides by the request, and may wait. */
  answer: number | ((request: Received) => number | Promise<number>);
  /** Resolves with what came once that is so. */
  until(isSo: (received: readonly Received[]) => boolean): Promise<Received[]>;
  /** Listens no more, or again at the same address. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Starts a receiver on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const changed = new EventTarget();
  let port = 0;
  let server: Server | undefined;
  const receiver: Receiver = {
    url: '',
    received: [],
    answer: 200,
    until: async (isSo) => {
      while (!isSo(receiver.received)) await once(changed, 'received');
      return receiver.received;
    },
    down: async () => {
      server?.closeAllConnections();
      server?.close();
      if (server?.listening) await once(server, 'close');
    },
    up: async () => {
      server = createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request.setEncoding('utf8')) body += chunk;
        const received = { method: request.method!, path: request.url!, headers: request.headers, body };
        const { answer } = receiver;
        const status = typeof answer === 'number' ? answer : await answer(received);
        receiver.received.push(received);
        response.writeHead(status).end();
        changed.dispatchEvent(new Event('received'));
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      receiver.url = `http://127.0.0.1:${port}`;
    },
  };
  await receiver.up();
  return receiver;
}
