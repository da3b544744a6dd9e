import compression from 'compression';
import type { RequestHandler, Response } from 'express';

/** Shorter answers are not compressed, in bytes: it would cost more than it saves. */
const threshold = 1024;

/**
 * Compresses answers that are long, for clients that accept it. Whether one is long shows when it is sent: only then does
 * compression take its place, which costs an answer as much as reading the resource.
 */
export function compressLong(): RequestHandler {
  const compress = compression({ threshold });
  return (message, response, next) => {
    if (message.headers['accept-encoding'] === undefined || message.method === 'HEAD') return next();
    const { write, end, on } = response;
    /** Puts things back as they were, with compression between where the answer is long. */
    const decide = (isLong: boolean): Response => {
      Object.assign(response, { write, end, on });
      if (isLong) compress(message, response, () => {});
      return response;
    };
    response.write = ((...given: Parameters<Response['write']>) =>
      decide(true).write(...given)) as Response['write'];
    response.end = ((...given: Parameters<Response['end']>) =>
      decide(lengthOf(given[0]) >= threshold).end(...given)) as Response['end'];
    // Who waits for room is about to write in parts, and waits for that of the compression.
    response.on = ((event: string, listener: () => void) =>
      event === 'drain'
        ? decide(true).on(event, listener)
        : on.call(response, event, listener)) as Response['on'];
    next();
  };
}

function lengthOf(body: unknown): number {
  return typeof body === 'string' || body instanceof Uint8Array ? body.length : 0;
}
