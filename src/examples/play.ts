import { compile } from '../fhir/fhirpath/compile.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { owedOf } from '../referral/workflow/owed.ts';
import { stateOf } from '../referral/workflow/states.ts';
import { bodyOf, filledIn, type Known, type SequenceAnswer, type SequenceRequest } from './sequence.ts';

/** What came of a request. */
export interface Played {
  answer: SequenceAnswer;
  /** The resource that was answered. */
  resource: Resource | undefined;
  /** The Task that the answer speaks of. */
  task: Resource | undefined;
  /** Until when the next step is owed, in milliseconds since the epoch. */
  due: number | undefined;
}

/**
 * Sends one request of a sequence to the server at `base`, over HTTP as any client does, and gives what it answers in
 * the form that sequences state it. The ids that it gives names to are then known.
 */
export async function play(
  request: SequenceRequest,
  { base, known }: { base: string; known: Known },
): Promise<Played> {
  const { actor, roles, method, url, headers, names = {}, task: followed = 'task' } = request;
  const { holds } = request.answer;
  const body = bodyOf(request, known);
  const response = await fetch(base + filledIn(url, known), {
    method,
    headers: {
      ...(actor && { 'X-Acting-Organization': actor }),
      ...(roles && { 'X-Acting-Roles': roles }),
      ...(body && { 'Content-Type': `application/${method === 'PATCH' ? 'json-patch' : 'fhir'}+json` }),
      ...headers,
    },
    ...(body && { body }),
  });
  const text = await response.text();
  const resource = text === '' ? undefined : (JSON.parse(text) as Resource);
  for (const [name, what] of Object.entries(names)) {
    const value = /^[A-Z]\w*$/.test(what) ? idIn(resource, what) : compile(what)(resource)[0];
    if (value !== undefined) known.set(name, String(value));
  }
  const id = known.get(followed);
  const task = id === undefined ? undefined : await read(`${base}/Task/${id}`);
  const owed = task && owedOf(task);
  const errors = errorsOf(resource);
  return {
    answer: {
      status: response.status,
      ...(errors.length > 0 && { errors }),
      ...(task && { state: stateOf(task).replace(/:$/, '') }),
      ...(owed && { waitingFor: String(owed.by.reference) }),
      ...(holds && { holds: holds.filter((each) => compile(filledIn(each, known))(resource)[0] === true) }),
    },
    resource,
    task,
    due: owed?.until,
  };
}

async function read(url: string): Promise<Resource | undefined> {
  const response = await fetch(url);
  return response.ok ? ((await response.json()) as Resource) : undefined;
}

/** The id of the first resource of a type that an answer speaks of: itself, what it found, or what it made. */
function idIn(answer: Resource | undefined, type: string): string | undefined {
  if (answer?.resourceType === type) return answer.id;
  for (const { resource, response } of (answer?.entry ?? []) as {
    resource?: Resource;
    response?: { location?: string };
  }[]) {
    if (resource?.resourceType === type) return resource.id;
    const [, id] = new RegExp(`(?:^|/)${type}/([^/]+)`).exec(response?.location ?? '') ?? [];
    if (id !== undefined) return id;
  }
  return undefined;
}

function errorsOf(answer: Resource | undefined): string[] {
  if (answer?.resourceType !== 'OperationOutcome') return [];
  const errors = (answer.issue as Element[]).filter(({ severity }) => severity === 'error');
  return errors.map(({ code, details }) => {
    const [coding] = ((details as Element | undefined)?.coding ?? []) as Element[];
    return String(coding?.code ?? code);
  });
}
