import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Targets } from '../targets.ts';

/** One request to a receiver. */
export interface Outgoing {
  method: 'POST' | 'PUT';
  url: string;
  headers: Readonly<Record<string, string | string[]>>;
  body: string;
  /** How long it may take, in milliseconds, the answer included. */
  timeout: number;
}

/**
 * What came of it. `refused`: the receiver has answered, but does not want just this; `failed`: it cannot take anything
 * at present.
 */
export type Outcome =
  | { kind: 'taken' }
  | {
      kind: 'refused' | 'failed';
      problem: string;
      /** Whether the receiver may have seen what was sent. */
      isSeen: boolean;
      /** After so many milliseconds the receiver wants to be asked again. */
      retryAfter?: number;
    };

/** Sends requests to receivers, over connections that are kept. */
export interface Sender {
  send(outgoing: Outgoing, signal?: AbortSignal): Promise<Outcome>;
  close(): void;
}

/** So many connections there are at most, to one receiver and to all. */
const mostToOne = 16;
const mostToAll = 512;
/** So many bytes of an answer are read: nothing of it is needed. */
const longestAnswer = 65_536;
/** The longest that a receiver may want to be left alone, in milliseconds. */
const longestRest = 3_600_000;

/** Statuses by which a receiver says that it does not want just this: asking again does not help. */
const refusing: ReadonlySet<number> = new Set([400, 409, 413, 415, 422]);

/** A sender that connects to allowed targets alone, follows no redirect, and reads no more than a status. */
export function createSender(targets: Targets): Sender {
  const options = {
    keepAlive: true,
    maxSockets: mostToOne,
    maxTotalSockets: mostToAll,
    lookup: targets.lookup,
    scheduling: 'lifo' as const,
  };
  const agents = {
    'http:': new HttpAgent(options),
    'https:': new HttpsAgent({ ...options, minVersion: 'TLSv1.2' }),
  };

  function begin({ method, url, headers, body }: Outgoing, signal: AbortSignal): ClientRequest {
    const { protocol } = new URL(url);
    const isSecure = protocol === 'https:';
    return (isSecure ? httpsRequest : httpRequest)(url, {
      agent: isSecure ? agents['https:'] : agents['http:'],
      method,
      headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
      signal,
      maxHeaderSize: 16_384,
    });
  }

  async function attempt(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Attempt> {
    const late = AbortSignal.timeout(outgoing.timeout);
    const request = begin(outgoing, signal ? AbortSignal.any([late, signal]) : late);
    const isConnected = connectionOf(request);
    try {
      const response = await answerTo(request, outgoing.body);
      await drain(response);
      return { outcome: outcomeOf(response), isStale: false };
    } catch (error) {
      const problem = late.aborted ? `no answer within ${outgoing.timeout} ms` : reasonOf(error);
      // The receiver has closed a connection that was kept, as it may at any time.
      const isStale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      return { outcome: { kind: 'failed', problem, isSeen: isConnected() }, isStale };
    }
  }

  return {
    send: async (outgoing, signal) => {
      // Settings may have changed since the subscription was made.
      const problem = targets.problem(outgoing.url);
      if (problem) return { kind: 'failed', problem: problem.en, isSeen: false };
      const first = await attempt(outgoing, signal);
      return first.isStale ? (await attempt(outgoing, signal)).outcome : first.outcome;
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Attempt {
  outcome: Outcome;
  isStale: boolean;
}

/** Tells whether a request has had a connection over which it could go out. */
function connectionOf(request: ClientRequest): () => boolean {
  let isConnected = false;
  request.once('socket', (socket) => {
    const isSecure = socket instanceof TLSSocket;
    const isOpen = !socket.connecting && (!isSecure || socket.getProtocol() !== null);
    const opened = () => {
      isConnected = true;
    };
    if (isOpen) opened();
    else socket.once(isSecure ? 'secureConnect' : 'connect', opened);
  });
  return () => isConnected;
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** Reads the rest of an answer, so that its connection can be used again; of a long one no more than needed. */
async function drain(response: IncomingMessage): Promise<void> {
  let length = 0;
  try {
    for await (const chunk of response) {
      length += (chunk as Buffer).length;
      if (length > longestAnswer) break;
    }
  } catch {
    // The status was there: this is the answer.
  }
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' };
  const problem = `HTTP ${statusCode}`;
  if (refusing.has(statusCode)) return { kind: 'refused', problem, isSeen: true };
  const rest = Number(headers['retry-after']) * 1000;
  return {
    kind: 'failed',
    problem,
    isSeen: true,
    ...(rest > 0 && { retryAfter: Math.min(rest, longestRest) }),
  };
}

/** What is told of an error: its code, which names no secret. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
