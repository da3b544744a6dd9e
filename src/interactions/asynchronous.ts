import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { type Answer, jsonOf } from './answer.ts';
import type { Contain } from './batch.ts';
import {
  type KeptAnswers,
  keepAnswers,
  type LaterRequest,
  type Memory,
  ownMemory,
  refusalOf,
} from './kept-answers.ts';
import type { Request } from './request.ts';
import type { InteractionCode, Route } from './route.ts';
import type { Server } from './server.ts';

/** The interactions that can be asked for asynchronously. */
const mayTakeLong: ReadonlySet<InteractionCode> = new Set([
  'search-type',
  'search-system',
  'history-instance',
  'history-type',
  'history-system',
  'transaction',
  'batch',
  'operation',
]);

export interface AsynchronousOptions {
  /** Turns an error that is no Refusal into one, and reports it. */
  contain: Contain;
  /** Where answers are kept for all processes of the server; by default of this one alone. */
  memory?: Memory | undefined;
  now?: () => number;
  /** How many may run at the same time, in this process. */
  mostRunning?: number;
  /** How long answers are kept, in milliseconds, and how many characters of them. */
  age?: number;
  mostKept?: number;
}

/** How often a process says that it still works at a request, in milliseconds. */
const heartbeat = 5_000;
/** A request whose process has not been heard of for so long, in milliseconds, has ended with it. */
const silence = 20_000;

/**
 * The asynchronous pattern (http://hl7.org/fhir/R4/async.html): `Prefer: respond-async` is answered with 202 and the
 * address to ask how it goes; once it is done, that gives the list of what can be fetched, from whichever process of the
 * server. Bounded in number, age and size. A request whose process ends before it is done is told of as lost.
 */
export class AsynchronousRequests {
  /** Those that this process works at. */
  readonly #running = new Map<string, LaterRequest>();
  readonly #kept: KeptAnswers;
  readonly #options: Required<Omit<AsynchronousOptions, 'memory'>>;
  /** Those of the running ones that were cancelled: their answers are not kept. */
  readonly #cancelled = new Set<string>();
  /** Those whose answers are being kept, and when that is done. */
  readonly #ending = new Map<string, Promise<void>>();
  #beating: NodeJS.Timeout | undefined;
  /** The last time that it was said that they are being worked at. */
  #beat: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor({ memory = ownMemory(), ...options }: AsynchronousOptions) {
    this.#options = { now: Date.now, mostRunning: 16, age: 3_600_000, mostKept: 64_000_000, ...options };
    this.#kept = keepAnswers(memory, this.#options.age);
  }

  /** The same routes; those that may take long answer later where the client prefers that. */
  offer(routes: readonly Route[]): Route[] {
    return routes.map((route) => {
      if (!mayTakeLong.has(route.interaction)) return route;
      const { run } = route;
      return {
        ...route,
        run: (server, request) =>
          request.prefer.respondAsync ? this.#start(run, server, request) : run(server, request),
      };
    });
  }

  /** The addresses of what was started: its status, by which it can be cancelled, and its answer. */
  readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/_async/{id}',
      interaction: 'async-status',
      run: async (server, request) => this.#status(server, await this.#find(server, request)),
    },
    {
      method: 'DELETE',
      path: '/_async/{id}',
      interaction: 'async-cancel',
      run: async (server, request) => {
        const { id } = await this.#find(server, request);
        if (this.#running.has(id)) this.#cancelled.add(id);
        // What is being written of it would come after its removal, and bring it back.
        await Promise.allSettled([this.#ending.get(id), this.#beat]);
        await this.#kept.remove(id);
        return { status: 202 };
      },
    },
    {
      method: 'GET',
      path: '/_async/{id}/answer',
      interaction: 'async-answer',
      run: async (server, request) => this.#answer(server, request),
    },
  ];

  /** Ends with what is still running: who asks for it is told so. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#beating);
    for (const request of this.#running.values()) await this.#end(request, refuse(refusals.laterRequestLost));
  }

  async #start(...[run, server, request]: [Route['run'], ...Parameters<Route['run']>]): Promise<Answer> {
    if (this.#running.size >= this.#options.mostRunning) throw refuse(refusals.tooManyRequests);
    const { contain, now } = this.#options;
    const later: LaterRequest = {
      id: randomUUID(),
      by: keyOf(server),
      url: server.base + (request.url ?? ''),
      began: now(),
      alive: now(),
    };
    this.#running.set(later.id, later);
    let refused: Refusal | undefined;
    try {
      await this.#kept.put(later);
      const { respondAsync, ...prefer } = request.prefer;
      const work = run(server, { ...request, prefer }).catch((error) => {
        refused = error instanceof Refusal ? error : contain(error);
        return refused;
      });
      this.#keepBeating();
      // What is refused at once, such as an unknown parameter, is refused now.
      await Promise.race([work, nextTurn()]);
      if (refused) throw refused;
      void work.then((outcome) => this.#end(later, outcome)).catch(contain);
    } catch (error) {
      this.#running.delete(later.id);
      this.#cancelled.delete(later.id);
      await this.#kept.remove(later.id);
      throw error;
    }
    return {
      status: 202,
      contentLocation: `${server.base}/_async/${later.id}`,
      headers: { 'Preference-Applied': 'respond-async' },
    };
  }

  /** Keeps how a request has ended, unless it was cancelled. */
  async #end(request: LaterRequest, outcome: Answer | Refusal): Promise<void> {
    if (!this.#running.delete(request.id)) return;
    if (this.#cancelled.delete(request.id)) return;
    const ending = this.#keep(request, outcome).finally(() => this.#ending.delete(request.id));
    this.#ending.set(request.id, ending);
    await ending;
  }

  async #keep(request: LaterRequest, outcome: Answer | Refusal): Promise<void> {
    await this.#beat;
    if (!(await this.#kept.find(request.id))) return;
    if (outcome instanceof Refusal) {
      const { status, issues } = outcome;
      await this.#kept.put({ ...request, end: { refusal: { status, issues } } });
      return;
    }
    const text = bodyOf(outcome);
    const end = await this.#kept.putText(request, typeOf(text), text);
    await this.#kept.put({ ...request, end });
    await this.#forget();
  }

  /** Says from time to time, while anything is running, that this process still works at it. */
  #keepBeating(): void {
    this.#beating ??= setInterval(() => {
      const alive = this.#options.now();
      const beats = [...this.#running.values()].map(async (request) => {
        const { id } = request;
        const known = await this.#kept.find(id);
        if (known && this.#running.has(id) && !this.#cancelled.has(id) && !this.#isStopped)
          await this.#kept.put({ ...request, alive });
      });
      // Where the store is away, the next beat says it.
      this.#beat = Promise.allSettled(beats);
    }, heartbeat).unref();
  }

  async #find(server: Server, { id }: Request): Promise<LaterRequest> {
    const request = await this.#kept.find(id!);
    const { now, age } = this.#options;
    const isOld = request?.end && request.began + age < now();
    if (request?.by !== keyOf(server) || isOld)
      throw refuse(refusals.notFound, [`_async/${id!.slice(0, 64)}`]);
    return request;
  }

  #status({ base, security }: Server, request: LaterRequest): Answer {
    const { id, url, began, alive, end } = request;
    const { now, age } = this.#options;
    const refusal = refusalOf(request);
    // "HTTP status code of 5XX": the poll itself was right.
    if (refusal) throw new Refusal(Math.max(refusal.status, 500), refusal.issues);
    if (!end || 'refusal' in end) {
      if (alive + silence < now() && !this.#running.has(id)) throw refuse(refusals.laterRequestLost);
      const seconds = Math.round((now() - began) / 1000);
      return { status: 202, headers: { 'X-Progress': `in progress, ${seconds} s`, 'Retry-After': '1' } };
    }
    const manifest = {
      transactionTime: new Date(began).toISOString(),
      request: url,
      requiresAccessToken: security !== undefined,
      output: [{ type: end.type, url: `${base}/_async/${id}/answer`, count: 1 }],
      error: [],
    };
    return {
      status: 200,
      json: JSON.stringify(manifest),
      contentType: 'application/json',
      headers: { Expires: new Date(began + age).toUTCString() },
    };
  }

  async #answer(server: Server, request: Request): Promise<Answer> {
    const json = await this.#kept.textOf(await this.#find(server, request));
    if (json === undefined) throw refuse(refusals.notFound, [`_async/${request.id}/answer`]);
    return { status: 200, json, contentType: 'application/fhir+ndjson' };
  }

  /** Gives up the oldest answers of those that are too much, and what is too old. */
  async #forget(): Promise<void> {
    const { now, age, mostKept } = this.#options;
    let kept = 0;
    const requests = (await this.#kept.all()).reverse().sort((a, b) => b.began - a.began);
    for (const { id, began, end } of requests) {
      if (end && 'length' in end) kept += end.length;
      if (end && (began + age < now() || kept > mostKept)) await this.#kept.remove(id);
    }
  }
}

/** For whom a request is made, as one text: the same for the same actor alone. */
function keyOf({ actor }: Server): string {
  const { organization, roles, client, person, patient, purpose, scopes } = actor ?? { roles: [] };
  const bound = scopes?.map((scope) => JSON.stringify(scope)).sort();
  return JSON.stringify([organization, [...roles].sort(), client, person, patient, purpose, bound]);
}

function bodyOf(answer: Answer): string {
  return jsonOf(answer) ?? answer.version?.text ?? '{}';
}

/** The type of the resource that a text holds; what this server writes begins with it. */
function typeOf(json: string): string {
  return /^\{"resourceType":"([A-Za-z]+)"/.exec(json)?.[1] ?? 'Bundle';
}
