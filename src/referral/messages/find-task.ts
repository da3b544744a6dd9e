import { elements, string } from '../../fhir/elements.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { findMatch, readCondition } from '../../interactions/condition.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader, StoredVersion } from '../../store/store.ts';
import { hasIdentifier, refersTo } from '../queries.ts';
import { isReferralTask } from '../recognise.ts';
import { createReferences, pathOf, type Target } from '../reference.ts';
import { recordOf } from '../submission/file-resources.ts';
import { numberCondition, tokenOf } from '../submission/numbers.ts';
import type { Sent } from '../submission/sent.ts';
import { partiesOf } from '../workflow/parties.ts';
import { stateOf } from '../workflow/states.ts';
import { isTerminal } from '../workflow/steps.ts';
import type { Message } from './message.ts';
import { messageRefusals } from './refusals.ts';

/** A Task on record, as a message means it. */
export type TaskOnRecord = StoredVersion & { text: string };

/** Of the Tasks of one referral, so many are looked at. */
const mostTasks = 50;

/** What a sent resource is on record as: by its address on this server, or by its number. */
export async function onRecord(server: Server, reader: Reader, sent: Sent): Promise<Target | undefined> {
  const own = await recordOf(server, reader, sent);
  if (own) return own;
  const condition = numberCondition(server, sent.resource);
  const match = condition && (await findMatch(reader, condition));
  return match && { type: match.type, id: match.id };
}

/**
 * Finds the Task that a message is about: the one that it brings, by address, id or number; else that of the referral
 * that the Task or the message has as its focus, or that what it brings is based on, by reference or by number. Of
 * several Tasks of one referral the one that is under way is meant. Refuses with 404 what is not on record, or not
 * for the actor to see, and with 409 what several Tasks could be.
 */
export async function findTask(
  server: Server,
  reader: Reader,
  message: Message,
  brought: Sent | undefined,
): Promise<TaskOnRecord> {
  const found = (brought && (await byItself(server, reader, brought))) ?? [];
  const tasks = found.length > 0 ? found : await byReferral(server, reader, message, brought);
  const coordinating = tasks.filter((task) => isReferralTask(parsed(task)));
  if (coordinating.length === 0)
    throw refuse(messageRefusals.referralNotFound, [namesIn(message, brought).slice(0, 200)]);
  const open = coordinating.filter((task) => !isTerminal(stateOf(parsed(task))));
  if (open.length === 0) return coordinating[0]!;
  const references = createReferences(server.base);
  const own = open.filter((task) => (partiesOf(server.actor, parsed(task), references)?.size ?? 0) > 0);
  const [meant, ...others] = own.length > 0 ? own : open;
  if (others.length > 0) throw refuse(messageRefusals.severalTasks, [open.map(pathOf).join(', ')]);
  return meant!;
}

/** A Task by its address, by its id here, or by its number. */
async function byItself(server: Server, reader: Reader, brought: Sent): Promise<TaskOnRecord[]> {
  const { resource } = brought;
  const own = await recordOf(server, reader, brought);
  const id = own?.id ?? string(resource, 'id');
  const version = id === undefined ? undefined : await reader.read('Task', id);
  if (version?.text) return [version as TaskOnRecord];
  const tokens = elements(resource, 'identifier').flatMap((each) => (each.value ? [tokenOf(each)] : []));
  for (const token of tokens) {
    const matches = await search(server, reader, hasIdentifier('identifier', token));
    if (matches.length > 0) return matches;
  }
  return [];
}

async function byReferral(
  server: Server,
  reader: Reader,
  message: Message,
  brought: Sent | undefined,
): Promise<TaskOnRecord[]> {
  const named = [
    ...elements(brought?.resource, 'focus'),
    ...elements(message.header, 'focus'),
    ...message.sent.flatMap(({ resource }) => elements(resource, 'basedOn')),
  ];
  for (const reference of named) {
    const target = await targetOf(server, reader, message, reference);
    if (target?.type === 'Task') {
      const version = await reader.read('Task', target.id);
      if (version?.text) return [version as TaskOnRecord];
    }
    if (target?.type !== 'ServiceRequest') continue;
    const tasks = await search(server, reader, refersTo('focus', target));
    if (tasks.length > 0) return tasks;
  }
  return [];
}

/** What a reference leads to: a resource of the message that is on record, one of this server, or one by its number. */
async function targetOf(
  server: Server,
  reader: Reader,
  { sent }: Message,
  reference: Element,
): Promise<Target | undefined> {
  const literal = string(reference, 'reference');
  const brought = sent.find(({ fullUrl, resource }) => {
    const local = `${resource.resourceType}/${resource.id}`;
    return literal !== undefined && (fullUrl === literal || local === literal);
  });
  if (brought) return onRecord(server, reader, brought);
  const direct = createReferences(server.base).target({ to: reference }, 'to');
  if (direct) return direct;
  const [, type, criteria] = /^(ServiceRequest|Task)\?(.+)$/.exec(literal ?? '') ?? [];
  const identifier = elements(reference, 'identifier')[0];
  const stated = string(reference, 'type') ?? 'ServiceRequest';
  if (!type && !(identifier?.value && (stated === 'ServiceRequest' || stated === 'Task'))) return undefined;
  const match = await findMatch(
    reader,
    type
      ? readCondition(server, type, criteria!)
      : readCondition(server, stated, [['identifier', tokenOf(identifier!)]]),
  );
  return match && { type: match.type, id: match.id };
}

async function search(
  { limits }: Server,
  reader: Reader,
  filter: Parameters<Reader['search']>[0]['filter'],
): Promise<TaskOnRecord[]> {
  const found = await reader.search(
    { type: 'Task', filter, sort: [], limit: mostTasks },
    { timeout: limits.searchTimeout },
  );
  return found.map(({ version }) => version);
}

/** How the message names what it is about, for the refusal. */
function namesIn(message: Message, brought: Sent | undefined): string {
  const named = [...elements(brought?.resource, 'focus'), ...elements(message.header, 'focus')];
  const names = named.map(
    (each) => string(each, 'reference') ?? string(elements(each, 'identifier')[0], 'value') ?? '',
  );
  const numbers = elements(brought?.resource, 'identifier').map(({ value }) => String(value));
  return [...numbers, ...names].filter(Boolean).join(', ') || '-';
}

function parsed({ text }: TaskOnRecord): Resource {
  return JSON.parse(text) as Resource;
}
