import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { type Answer, jsonOf } from './answer.ts';
import type { Contain } from './batch.ts';
import type { Request } from './request.ts';
import type { InteractionCode, Route } from './route.ts';
import type { Server } from './server.ts';

/** A request whose answer is fetched later. */
interface Job {
  id: string;
  /** The address as it was asked for. */
  url: string;
  /** Who asked, and alone may have the answer. */
  by: string;
  /** When it was asked, in milliseconds since the epoch. */
  began: number;
  outcome?: Answer | Refusal;
}

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
  now?: () => number;
  /** How many may run at the same time. */
  mostRunning?: number;
  /** How long answers are kept, in milliseconds, and how many characters of them. */
  age?: number;
  mostKept?: number;
}

/**
 * The asynchronous pattern (http://hl7.org/fhir/R4/async.html): `Prefer: respond-async` is answered with 202 and the
 * address to ask how it goes; once it is done, that gives the list of what can be fetched. What is running and what is
 * done is kept here, in memory alone, bounded in number, age and size: when the server ends it is gone, and its address
 * answers 404.
 */
export class AsynchronousRequests {
  readonly #jobs = new Map<string, Job>();
  readonly #options: Required<AsynchronousOptions>;

  constructor(options: AsynchronousOptions) {
    this.#options = { now: Date.now, mostRunning: 16, age: 3_600_000, mostKept: 64_000_000, ...options };
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
      run: async (server, request) => this.#status(server, this.#find(server, request)),
    },
    {
      method: 'DELETE',
      path: '/_async/{id}',
      interaction: 'async-cancel',
      run: async (server, request) => {
        this.#jobs.delete(this.#find(server, request).id);
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

  async #start(...[run, server, request]: [Route['run'], ...Parameters<Route['run']>]): Promise<Answer> {
    this.#forget();
    const running = [...this.#jobs.values()].filter(({ outcome }) => outcome === undefined);
    if (running.length >= this.#options.mostRunning) throw refuse(refusals.tooManyRequests);
    const { contain, now } = this.#options;
    const job: Job = {
      id: randomUUID(),
      by: keyOf(server),
      url: server.base + (request.url ?? ''),
      began: now(),
    };
    this.#jobs.set(job.id, job);
    const { respondAsync, ...prefer } = request.prefer;
    const work = run(server, { ...request, prefer }).then(
      (answer) => {
        // It is looked at again and again: put together once.
        const { pieces: _, ...rest } = answer;
        job.outcome = { ...rest, json: bodyOf(answer) };
      },
      (error) => {
        job.outcome = error instanceof Refusal ? error : contain(error);
      },
    );
    // What is refused at once, such as an unknown parameter, is refused now.
    await Promise.race([work, nextTurn()]);
    if (job.outcome instanceof Refusal) {
      this.#jobs.delete(job.id);
      throw job.outcome;
    }
    return {
      status: 202,
      contentLocation: `${server.base}/_async/${job.id}`,
      headers: { 'Preference-Applied': 'respond-async' },
    };
  }

  #find(server: Server, { id }: Request): Job {
    this.#forget();
    const job = this.#jobs.get(id!);
    if (job?.by !== keyOf(server)) throw refuse(refusals.notFound, [`_async/${id!.slice(0, 64)}`]);
    return job;
  }

  #status({ base, security }: Server, { id, url, began, outcome }: Job): Answer {
    const { now, age } = this.#options;
    if (outcome === undefined) {
      const seconds = Math.round((now() - began) / 1000);
      return { status: 202, headers: { 'X-Progress': `in progress, ${seconds} s`, 'Retry-After': '1' } };
    }
    // "HTTP status code of 5XX": the poll itself was right.
    if (outcome instanceof Refusal) throw new Refusal(Math.max(outcome.status, 500), outcome.issues);
    const manifest = {
      transactionTime: new Date(began).toISOString(),
      request: url,
      requiresAccessToken: security !== undefined,
      output: [{ type: typeOf(bodyOf(outcome)), url: `${base}/_async/${id}/answer`, count: 1 }],
      error: [],
    };
    return {
      status: 200,
      json: JSON.stringify(manifest),
      contentType: 'application/json',
      headers: { Expires: new Date(began + age).toUTCString() },
    };
  }

  #answer(server: Server, request: Request): Answer {
    const { outcome } = this.#find(server, request);
    if (outcome === undefined || outcome instanceof Refusal)
      throw refuse(refusals.notFound, [`_async/${request.id}/answer`]);
    return { status: 200, json: bodyOf(outcome), contentType: 'application/fhir+ndjson' };
  }

  /** Gives up what is too old, and the oldest answers of those that are too much. */
  #forget(): void {
    const { now, age, mostKept } = this.#options;
    let kept = 0;
    for (const { id, began, outcome } of [...this.#jobs.values()].reverse()) {
      if (outcome && !(outcome instanceof Refusal)) kept += bodyOf(outcome).length;
      if (outcome && (began + age < now() || kept > mostKept)) this.#jobs.delete(id);
    }
  }
}

/** For whom a request is made, as one text: the same for the same actor alone. */
function keyOf({ actor }: Server): string {
  const { organization, roles, client, person, purpose, scopes } = actor ?? { roles: [] };
  const bound = scopes?.map((scope) => JSON.stringify(scope)).sort();
  return JSON.stringify([organization, [...roles].sort(), client, person, purpose, bound]);
}

function bodyOf(answer: Answer): string {
  return jsonOf(answer) ?? answer.version?.text ?? '{}';
}

/** The type of the resource that a text holds; what this server writes begins with it. */
function typeOf(json: string): string {
  return /^\{"resourceType":"([A-Za-z]+)"/.exec(json)?.[1] ?? 'Bundle';
}
