import { readJson } from '../fhir/json/parse.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Answer } from '../interactions/answer.ts';
import type { Operation, OperationRequest } from '../interactions/operation.ts';
import { presentVersion } from '../interactions/present-version.ts';
import type { Server } from '../interactions/server.ts';
import type { QueuedEvent } from '../store/outbox.ts';
import { type NotificationType, notificationOf, statusOf } from './notification.ts';
import type { Services } from './services.ts';
import { type Content, contents, readSubscription, type Subscription } from './subscription.ts';
import { type Prepared, prepare, settlementsOf } from './telling.ts';
import { operationDefinitions } from './vocabulary.ts';

/** So many events one answer has at most: who has missed more asks again from the last one on. */
const mostEvents = 200;
/** So many subscriptions one answer tells the status of. */
const mostSubscriptions = 200;
/** So many events that wait are numbered when somebody asks how many there are. */
const mostNumbered = 1_000;

/** What the operations work with. */
export interface OperationParts {
  services(): Services;
  /** Lets the line of a subscription look anew at what waits. */
  reread(subscription: string): void;
  /** The address of the websockets. */
  websocketUrl(): string;
}

const of = { types: ['Subscription'] } as const;

/** `$status`, `$events` and `$get-ws-binding-token` of the backport, `$resend`, and the list of what could not be told. */
export function notificationOperations(parts: OperationParts): Operation[] {
  return [
    {
      name: '$status',
      definition: operationDefinitions.status,
      on: { type: true, instance: true, ...of },
      affectsState: false,
      run: (request, server) => status(request, server, parts.services()),
    },
    {
      name: '$events',
      definition: operationDefinitions.events,
      on: { instance: true, ...of },
      affectsState: false,
      run: (request, server) => events(request, server, parts.services()),
    },
    {
      name: '$dead-letters',
      definition: operationDefinitions.deadLetters,
      on: { instance: true, ...of },
      affectsState: false,
      run: (request, server) => deadLetters(request, server, parts.services()),
    },
    {
      name: '$resend',
      definition: operationDefinitions.resend,
      on: { instance: true, ...of },
      affectsState: true,
      run: (request, server) => resend(request, server, parts),
    },
    {
      name: '$get-ws-binding-token',
      definition: operationDefinitions.token,
      on: { type: true, instance: true, ...of },
      affectsState: false,
      run: (request, server) => bindingToken(request, server, parts),
    },
  ];
}

/** The status of one subscription, or of all that the client sees, of these ids and statuses, as a searchset. */
async function status(request: OperationRequest, server: Server, services: Services): Promise<Answer> {
  const found =
    request.id === undefined ? await subscriptionsOf(request, server) : [await called(request, server)];
  const entries: object[] = [];
  for (const { subscription, problem } of found) {
    const count = await numberWaiting(subscription, services);
    const told = {
      type: 'query-status' as const,
      status: subscription.status,
      subscription,
      count,
      events: [],
    };
    const resource = statusOf(server.base, problem === undefined ? told : { ...told, problem });
    entries.push({ fullUrl: `urn:uuid:${resource.id}`, resource, search: { mode: 'match' } });
  }
  const self = request.id === undefined ? 'Subscription/$status' : `Subscription/${request.id}/$status`;
  const bundle: Resource = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: entries.length,
    link: [{ relation: 'self', url: `${server.base}/${self}` }],
    ...(entries.length > 0 && { entry: entries }),
  };
  return { status: 200, json: JSON.stringify(bundle) };
}

/** Events of a subscription by their numbers, as far as who asks and who is told may see them now. */
async function events(request: OperationRequest, server: Server, services: Services): Promise<Answer> {
  const { subscription } = await called(request, server);
  const since = numberIn(request, 'eventsSinceNumber') ?? 1;
  const until = numberIn(request, 'eventsUntilNumber') ?? Number.MAX_SAFE_INTEGER;
  const count = await numberWaiting(subscription, services);
  const queued = await services.outbox.numbered(subscription.id, { since, until, limit: mostEvents });
  return asNotification(request, server, services, { subscription, queued, count, type: 'query-event' });
}

/** The events that the receiver did not want, with why, for a person to look at. */
async function deadLetters(request: OperationRequest, server: Server, services: Services): Promise<Answer> {
  const { subscription } = await called(request, server);
  const queued = await services.outbox.dead(subscription.id, mostEvents);
  const count = await numberWaiting(subscription, services);
  const problem = queued.map(({ number, problem: why }) => `${number}: ${why}`).join('\n');
  return asNotification(request, server, services, {
    ...{ subscription, queued, count, type: 'query-event' },
    ...(problem !== '' && { problem }),
  });
}

async function resend(request: OperationRequest, server: Server, parts: OperationParts): Promise<Answer> {
  const { subscription } = await called(request, server);
  const { outbox } = parts.services();
  const since = numberIn(request, 'eventsSinceNumber') ?? 1;
  const until = numberIn(request, 'eventsUntilNumber') ?? Number.MAX_SAFE_INTEGER;
  const count = await outbox.resend(subscription.id, { since, until, limit: mostEvents });
  parts.reread(subscription.id);
  const outcome: Resource = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'information',
        code: 'informational',
        details: { text: `将重新发送 ${count} 个事件 / ${count} events are sent again` },
      },
    ],
  };
  return { status: 200, json: JSON.stringify(outcome) };
}

/** So long a token is good for, in milliseconds: to bind with, the binding itself holds on. */
const tokenTime = 3_600_000;

async function bindingToken(
  request: OperationRequest,
  server: Server,
  parts: OperationParts,
): Promise<Answer> {
  const found =
    request.id === undefined ? await subscriptionsOf(request, server) : [await called(request, server)];
  const bound = found.filter(({ subscription }) => subscription.channel === 'websocket');
  if (bound.length === 0) throw refuse(refusals.notFound, ['Subscription (websocket)']);
  const ids = bound.map(({ subscription }) => subscription.id);
  const until = server.now() + tokenTime;
  const answer: Resource = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'token', valueString: request.cursor.seal({ bind: ids, until }) },
      { name: 'expiration', valueDateTime: new Date(until).toISOString() },
      ...ids.map((id) => ({ name: 'subscription', valueString: id })),
      { name: 'websocket-url', valueUrl: parts.websocketUrl() },
    ],
  };
  return { status: 200, json: JSON.stringify(answer), headers: { 'Cache-Control': 'no-store' } };
}

interface Called {
  subscription: Subscription;
  /** Why it is in error. */
  problem?: string;
}

/** The subscription that an operation is called on, as far as who asks may see it. */
async function called({ store, type, id }: OperationRequest, _server: Server): Promise<Called> {
  return calledOf((await presentVersion(store, type!, id!)).text);
}

function calledOf(text: string): Called {
  const resource = readJson(text) as Resource;
  const problem = resource.error;
  return {
    subscription: readSubscription(resource),
    ...(typeof problem === 'string' && { problem }),
  };
}

async function subscriptionsOf(request: OperationRequest, server: Server): Promise<Called[]> {
  const list = (name: string) => (request.parameters.get(name) ?? []).flatMap((each) => each.split(','));
  const criteria: [string, string][] = [
    ...(list('id').length > 0 ? [['_id', list('id').join(',')] as [string, string]] : []),
    ...(list('status').length > 0 ? [['status', list('status').join(',')] as [string, string]] : []),
  ];
  const { filter } = parseSearch(server, 'Subscription', criteria, { handling: 'strict' });
  const page = await request.store.search({
    type: 'Subscription',
    filter,
    sort: [],
    limit: mostSubscriptions,
  });
  return page.map(({ version }) => calledOf(version.text));
}

/**
 * Gives what waits its numbers, as far as the subscriber may see it, and the number of the last: whoever is told how many
 * there are must find them by these.
 */
export async function numberWaiting(subscription: Subscription, services: Services): Promise<number> {
  const { outbox } = services;
  await services.settling.flush();
  const last = await outbox.lastNumber(subscription.id);
  const waiting = await outbox.waiting(subscription.id, mostNumbered);
  const fresh = waiting.filter(({ number }) => number === undefined);
  if (fresh.length === 0) return last;
  const prepared = await services.prepare(subscription, fresh, last);
  if (!prepared) return last;
  await outbox.settle(settlementsOf(subscription.id, prepared, 'waiting'));
  return prepared.last;
}

/** Events as a notification, as far as who asks sees what they are about. */
async function asNotification(
  { parameters, store }: OperationRequest,
  server: Server,
  services: Services,
  asked: {
    subscription: Subscription;
    queued: readonly QueuedEvent[];
    count: number;
    type: NotificationType;
    problem?: string;
  },
): Promise<Answer> {
  const { subscription, queued, count, type, problem } = asked;
  const [wanted] = parameters.get('content') ?? [];
  const content = contents.find((each) => each === wanted) ?? usual(subscription.content);
  const bySubscriber = await services.prepare(subscription, queued, count);
  const visible = new Set(bySubscriber?.events.map(({ position }) => position));
  const topic = services.topics.get(subscription.criteria.split('|', 1)[0]!);
  const shown: Prepared = await prepare(
    { server, seen: store, topic },
    queued.filter(({ position }) => visible.has(position)),
    count,
  );
  const told = {
    ...{ type, status: subscription.status, count, events: shown.events },
    subscription: { ...subscription, content },
    ...(problem !== undefined && { problem }),
  };
  return {
    status: 200,
    json: notificationOf(server.base, told, server.now()),
    about: shown.events.flatMap(({ text }) => text ?? []),
  };
}

function usual(content: Content): Content {
  return content === 'plain' ? 'id-only' : content;
}

function numberIn({ parameters }: OperationRequest, name: string): number | undefined {
  const [text] = parameters.get(name) ?? [];
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw refuse(refusals.invalidParameter, [name, { zh: '须为整数', en: 'takes a whole number' }]);
  return Number(text);
}
