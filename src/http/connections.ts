import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Bounds on what a connection may hold, in milliseconds.
 *
 * - `idle`: a request on which no byte moves either way; whoever neither sends nor reads for so long is gone.
 * - `keepAlive`: between two requests. Longer than the minute for which proxies and pools keep connections: the side that
 *   asks should be the one that closes, or its next request is lost on the way.
 * - `headers`, `request`: from the first byte of a request until its headers, or all of it, are there. In two minutes
 *   16 MB come over a line of 1.2 Mbit/s, the slowest of a village; a sender of one byte at a time is cut.
 */
const times = { idle: 120_000, keepAlive: 65_000, headers: 15_000, request: 120_000 };

/** So long after the stop began, in milliseconds, requests on connections that were idle are still answered. */
const grace = 500;

/** How long running requests may take to end when the server stops, in milliseconds. */
const longestEnd = 5_000;

/** The connections of a server. */
export interface Connections {
  /**
   * Takes no more of them, answers what comes and runs on those that there are, and resolves when all are closed. Every
   * answer says `Connection: close`, so that a client's next request goes to another server instead of into the void.
   */
  end(): Promise<void>;
}

/** Bounds the connections of a server, and lets them end in order. To be called before it listens. */
export function boundConnections(http: Server): Connections {
  http.setTimeout(times.idle);
  http.keepAliveTimeout = times.keepAlive;
  http.headersTimeout = times.headers;
  http.requestTimeout = times.request;

  const running = new Set<ServerResponse>();
  let isEnding = false;
  const closeAfter = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  http.prependListener('request', (_, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (isEnding) closeAfter(response);
  });

  return {
    end: async () => {
      isEnding = true;
      for (const response of running) closeAfter(response);
      // That of the HTTP server would close idle connections at once, with a request perhaps on its way.
      const closed = new Promise((resolve) => NetServer.prototype.close.call(http, resolve));
      const timers = [
        setTimeout(() => http.closeIdleConnections(), grace),
        // A client that never ends its request does not keep the server from ending.
        setTimeout(() => http.closeAllConnections(), longestEnd),
      ];
      await closed;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
