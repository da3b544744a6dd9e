import { setTimeout as pause } from 'node:timers/promises';
import { MedplumClient } from '@medplum/core';
import type { Bundle, OperationOutcome, Parameters, Reference, Task } from '@medplum/fhirtypes';
import { asParameters } from './parameters.ts';
import { type Finding, findingsOf, orRefusal } from './refusal.ts';
import type { Steps } from './steps.ts';

export { type Finding, findingsOf, Refusal } from './refusal.ts';
export type { Steps } from './steps.ts';

export interface ReferralClientOptions {
  /** Address of the FHIR API, such as `http://localhost:8080/fhir`. */
  base: string;
  accessToken?: string;
  /** For whom is acted: `Organization/…`. Needed where the token allows several, and where none are asked for. */
  organization?: string;
  roles?: readonly string[];
  fetch?: typeof fetch;
}

/** What a referral is on record as. */
export interface Submission {
  /** Whether the referral is new, or the same was there before. */
  status: 'filed' | 'repeated';
  referral: Reference;
  task?: Reference;
  outcome: OperationOutcome;
}

/**
 * A client in the words of the domain. Whatever the server refuses is thrown as a `Refusal`, with the rule and both texts.
 * All that FHIR can do besides is `fhir`, a MedplumClient of the same session.
 */
export class ReferralClient {
  readonly fhir: MedplumClient;
  readonly #organization: string | undefined;

  constructor({ base, accessToken, organization, roles, fetch = globalThis.fetch }: ReferralClientOptions) {
    const { origin, pathname } = new URL(base);
    this.#organization = organization;
    this.fhir = new MedplumClient({
      baseUrl: `${origin}/`,
      fhirUrlPath: pathname.slice(1),
      fetch,
      ...(accessToken !== undefined && { accessToken }),
      // Others change what is read here.
      cacheTime: 0,
      defaultHeaders: {
        'Accept-Language': 'zh',
        ...(organization !== undefined && { 'X-Acting-Organization': organization }),
        ...(roles !== undefined && { 'X-Acting-Roles': roles.join(',') }),
      },
    });
  }

  /** Submits a referral with all that belongs to it. Sent again, the same referral is not a second one. */
  async submit(bundle: Bundle): Promise<Submission> {
    const body: Parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'bundle', resource: bundle }],
    };
    const { parameter = [] } = await this.#post<Parameters>(['ServiceRequest', '$submit'], body);
    const named = (name: string) => parameter.find((each) => each.name === name);
    const task = named('task')?.valueReference;
    return {
      status: named('status')?.valueCode as Submission['status'],
      referral: relative(named('referral')?.valueReference as Reference),
      ...(task && { task: relative(task) }),
      outcome: named('outcome')?.resource as OperationOutcome,
    };
  }

  /** What would be found if it were submitted, and the indications that the data support. Nothing is kept. */
  async check(bundle: Bundle): Promise<Finding[]> {
    return findingsOf(await this.#post<OperationOutcome>(['ServiceRequest', '$check-indications'], bundle));
  }

  /** The Tasks whose next step an organization owes, soonest first, page after page. */
  async *worklist(organization = this.#organization): AsyncGenerator<Task> {
    if (organization === undefined) throw new TypeError('Whose worklist? Name an organization');
    yield* this.#tasks({ 'waiting-for': organization, _sort: 'due', _count: 100 });
  }

  /**
   * The Tasks that an organization receives, as they change, without end: asks again after `every` milliseconds.
   *
   * @param since an instant; the `meta.lastUpdated` of the last Task, to go on where an earlier call ended
   * @param signal ends it with an AbortError
   */
  async *follow({
    owner = this.#organization,
    since,
    every = 60_000,
    signal,
  }: {
    owner?: string;
    since?: string;
    every?: number;
    signal?: AbortSignal;
  } = {}): AsyncGenerator<Task> {
    if (owner === undefined) throw new TypeError('Whose Tasks? Name an owner');
    for (let from = since; ; await pause(every, undefined, { signal })) {
      const query = { owner, ...(from !== undefined && { _lastUpdated: `gt${from}` }) };
      for await (const task of this.#tasks({ ...query, _sort: '_lastUpdated', _count: 100 })) {
        yield task;
        from = task.meta?.lastUpdated;
      }
    }
  }

  /** The referrals of a patient by resident id or other identifier, `system|value`. */
  async history(identifier: string): Promise<Bundle> {
    const url = this.fhir.fhirUrl('Patient', '$referral-history');
    url.searchParams.set('identifier', identifier);
    return orRefusal(this.fhir.get<Bundle>(url));
  }

  /** The steps that can be taken next, by whom, and what they need. */
  async nextSteps(task: Reference): Promise<Parameters> {
    return orRefusal(this.fhir.get<Parameters>(this.fhir.fhirUrl(...partsOf(task), '$next-steps')));
  }

  acknowledge(task: Reference): Promise<Task> {
    return this.step('acknowledge', task);
  }

  requestInfo(task: Reference, given: Steps['request-info']): Promise<Task> {
    return this.step('request-info', task, given);
  }

  supplyInfo(task: Reference, given: Steps['supply-info']): Promise<Task> {
    return this.step('supply-info', task, given);
  }

  accept(task: Reference, given: Steps['accept'] = {}): Promise<Task> {
    return this.step('accept', task, given);
  }

  reject(task: Reference, given: Steps['reject']): Promise<Task> {
    return this.step('reject', task, given);
  }

  redirect(task: Reference, given: Steps['redirect']): Promise<Task> {
    return this.step('redirect', task, given);
  }

  depart(task: Reference, given: Steps['depart'] = {}): Promise<Task> {
    return this.step('depart', task, given);
  }

  arrive(task: Reference, given: Steps['arrive']): Promise<Task> {
    return this.step('arrive', task, given);
  }

  complete(task: Reference, given: Steps['complete']): Promise<Task> {
    return this.step('complete', task, given);
  }

  return(task: Reference, given: Steps['return']): Promise<Task> {
    return this.step('return', task, given);
  }

  refer(task: Reference, given: Steps['refer'] = {}): Promise<Task> {
    return this.step('refer', task, given);
  }

  hold(task: Reference, given: Steps['hold']): Promise<Task> {
    return this.step('hold', task, given);
  }

  resume(task: Reference, given: Steps['resume'] = {}): Promise<Task> {
    return this.step('resume', task, given);
  }

  cancel(task: Reference, given: Steps['cancel']): Promise<Task> {
    return this.step('cancel', task, given);
  }

  fail(task: Reference, given: Steps['fail']): Promise<Task> {
    return this.step('fail', task, given);
  }

  /** Takes a step by its name; what the server makes of the Task. */
  step<S extends keyof Steps>(name: S, task: Reference, given: Partial<Steps[S]> = {}): Promise<Task> {
    return this.#post<Task>([...partsOf(task), `$${name}`], asParameters(given));
  }

  #post<T>(path: string[], body: object): Promise<T> {
    return orRefusal(this.fhir.post(this.fhir.fhirUrl(...path), body, 'application/fhir+json'));
  }

  async *#tasks(query: Record<string, string | number>): AsyncGenerator<Task> {
    const pages = this.fhir.searchResourcePages('Task', query);
    for (;;) {
      const { value, done } = await orRefusal(pages.next());
      if (done) return;
      yield* value;
    }
  }
}

/** MedplumClient knows its server's resources by `[type]/[id]` alone. */
function relative(reference: Reference): Reference {
  return { ...reference, reference: reference.reference?.split('/').slice(-2).join('/') };
}

function partsOf({ reference }: Reference): string[] {
  if (!reference?.startsWith('Task/')) throw new TypeError(`Not a Task: ${reference}`);
  return reference.split('/', 2);
}
