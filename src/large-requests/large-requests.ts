import { Worker } from 'node:worker_threads';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Answer } from '../interactions/answer.ts';
import type { Request } from '../interactions/request.ts';
import type { StoredParameters } from '../interactions/search-parameters/outlook.ts';
import type { Server } from '../interactions/server.ts';
import { createGate } from '../store/gate.ts';
import type { Allowance } from '../store/store.ts';
import {
  type FromThread,
  type LargeBody,
  largeBody,
  resultOf,
  type ThreadData,
  type ToThread,
} from './messages.ts';
import { serveStore } from './serve-store.ts';

/** A request that is too large for the thread that serves everybody. */
export interface LargeRequest {
  segments: string[];
  request: Request;
  /** Undefined where it has none: then it is what is stored that is large. */
  body?: LargeBody;
  allowance: Allowance;
  /** Told when the body has been read, and the route runs. */
  routed(): void;
}

/** The thread beside the one that serves, and the queue in front of it. */
export interface LargeRequests {
  /** Runs a request as its route would. Refuses it when too many wait, and when it takes too much time or memory. */
  run(asked: Server, large: LargeRequest): Promise<Answer>;
  stop(): Promise<void>;
}

export interface LargeRequestsOptions {
  data: ThreadData;
  /** The SearchParameters that clients have added: another object whenever they change. */
  parameters(): StoredParameters;
  /** The names of operations that the thread does not have: what they take is short. */
  ownOperations: readonly string[];
}

/** How many may wait for the one that runs. Their bodies are in memory. */
const queue = 50;
/** How long one may wait, and how long run, in milliseconds. */
const longestWait = 60_000;
const longestRun = 60_000;
/** After so many milliseconds without a request the thread ends, and all that it has held is given back. */
const idleTime = 20_000;

interface Thread {
  worker: Worker;
  /** The search parameters that it knows. */
  parameters: StoredParameters | undefined;
  /** Takes what it sends for the request that it runs. */
  take(message: FromThread): void;
  /** Told that it has ended by itself. */
  ended(): void;
}

/**
 * Runs large requests, one at a time, each client in turn, in a thread that has the definitions, the validator and the
 * interactions, but not the store: parsing, validating, judging and indexing hold nobody else, and what they need of
 * memory is not that of the server. The thread is started when it is needed.
 */
export function createLargeRequests({
  data,
  parameters,
  ownOperations,
}: LargeRequestsOptions): LargeRequests {
  const gate = createGate({ atOnce: 1, queue, busy: refusals.largeRequestsBusy });
  let thread: Thread | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isStopped = false;

  function start(): Thread {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: memoryFor(data.settings.maxBodyBytes) },
    });
    const started: Thread = { worker, parameters: undefined, take: () => {}, ended: () => {} };
    worker.on('message', (message: FromThread) => started.take(message));
    const end = () => {
      if (thread === started) thread = undefined;
      started.ended();
    };
    // Out of memory, or a defect: whoever waits learns by the end.
    worker.on('error', end);
    worker.on('exit', end);
    return started;
  }

  async function run(asked: Server, { segments, request, body, routed }: LargeRequest): Promise<Answer> {
    clearTimeout(idle);
    thread ??= start();
    const running = thread;
    const { worker } = running;
    worker.ref();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const send = (message: ToThread) => {
      tell(running);
      worker.postMessage(message);
    };
    const service = serveStore({ ...asked, stored: asked.stored ?? asked.store }, send);
    const late = setTimeout(() => void worker.terminate(), longestRun);
    running.ended = () => {
      service.abandon();
      reject(refuse(isStopped ? refusals.storeUnavailable : refusals.tooMuchWork));
    };
    running.take = (message) => {
      if (message.kind === 'routed') routed();
      else if (message.kind !== 'answer') service.take(message);
      else resolve(Promise.try(() => resultOf(message.outcome)));
    };
    tell(running);
    const { actor, client } = asked;
    const isRecorded = asked.trail !== undefined;
    // Given away instead of copied.
    const chunks = body?.chunks.map(alone) ?? [];
    const task: ToThread = {
      ...{ kind: 'task', segments, request, actor, client, isRecorded },
      ...(body && { body: { ...body, chunks } }),
      now: asked.now(),
    };
    worker.postMessage(
      task,
      chunks.map(({ buffer }) => buffer),
    );
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      running.take = () => {};
      running.ended = () => {};
      worker.unref();
      idle = setTimeout(() => void thread?.worker.terminate(), idleTime).unref();
    }
  }

  /** Tells the thread of search parameters that it does not know yet. */
  function tell(running: Thread): void {
    const known = parameters();
    if (running.parameters === known) return;
    running.parameters = known;
    running.worker.postMessage({ kind: 'parameters', parameters: known } satisfies ToThread);
  }

  return {
    run: async (asked, large) => {
      const { operation } = large.request;
      if (operation !== undefined && ownOperations.includes(operation))
        throw refuse(refusals.bodyTooLarge, [String(largeBody)]);
      return gate({ ...large.allowance, timeout: longestWait }, () => {
        if (isStopped) throw refuse(refusals.storeUnavailable);
        return run(asked, large);
      });
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(idle);
      await thread?.worker.terminate();
    },
  };
}

/** The bytes in a buffer that holds nothing else. */
function alone(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isAlone = bytes.byteLength === bytes.buffer.byteLength;
  return isAlone ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}

/** The heap for bodies of so many bytes, in MB: what is parsed takes many times the text, and the definitions 200. */
function memoryFor(maxBodyBytes: number): number {
  return 512 + Math.ceil(maxBodyBytes / 1_048_576) * 40;
}
