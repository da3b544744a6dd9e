import { isDeepStrictEqual } from 'node:util';
import { codesOf, elements, string } from '../../fhir/elements.ts';
import { readJson } from '../../fhir/json/parse.ts';
import { type Issue, isBreaking } from '../../fhir/outcome.ts';
import { Refusal, refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { elementsOf } from '../../fhir/search/elements.ts';
import { inEntry } from '../../interactions/located.ts';
import { rewriteLinks } from '../../interactions/references.ts';
import { validResource } from '../../interactions/resource-body.ts';
import type { Server } from '../../interactions/server.ts';
import type { WritingEntry } from '../../interactions/writing-entry.ts';
import type { Transaction } from '../../store/store.ts';
import { openRecords } from '../context/records.ts';
import { directionOf, isConsultation } from '../recognise.ts';
import { createReferences, isSame, pathOf, type References } from '../reference.ts';
import type { Sent } from '../submission/sent.ts';
import { codeSystems } from '../vocabulary.ts';
import { parameterNamed, type StepParameterName } from '../workflow/parameters.ts';
import { partiesOf } from '../workflow/parties.ts';
import { withProposals } from '../workflow/proposals.ts';
import { protectedFields } from '../workflow/refusals.ts';
import { stateOf, withState } from '../workflow/states.ts';
import type { Party } from '../workflow/steps.ts';
import { cancellationRequest } from './cancellation-request.ts';
import type { MessageEvent } from './events.ts';
import { findTask, onRecord } from './find-task.ts';
import type { Message } from './message.ts';
import { messageRefusals } from './refusals.ts';
import { withReturn } from './returned.ts';

/** What a message about a referral on record asks to be written. */
export interface MessageStep {
  /** What is new, or looked up by its number. */
  sent: Sent[];
  /** The Task as it is to be. */
  changing: WritingEntry[];
  /** Errors by the base specification, and by the profiles that it claims, of the Task as it is to be. */
  broken: Issue[];
  notes: Issue[];
  /** The Task that the message is about. */
  task: { type: string; id: string };
  /** Who has the referral, `Organization/[id]`. */
  owner: string | undefined;
}

/** What stands from the submission on: that a message repeats it, changes nothing. */
const parties = ['requester', 'owner', 'for'] as const;

/**
 * What becomes of the Task that a message is about, as a client would write it: whether it may, the table of steps
 * decides, as with every other update. Of the Task that the message brings, the status, the reason, and what is added is
 * taken over; what else it brings is named on the Task as the event has it.
 */
export async function stepOf(
  server: Server,
  tx: Transaction,
  message: Message,
  event: MessageEvent,
): Promise<MessageStep> {
  const references = createReferences(server.base);
  const pointers = new Map<string, string>();
  const isNew = new Set<string>();
  for (const each of message.sent.filter(({ resource }) => resource.resourceType === 'ServiceRequest')) {
    const target = await onRecord(server, tx, each);
    if (target) pointers.set(each.fullUrl, pathOf(target));
    else isNew.add(each.fullUrl);
  }
  const brought = message.sent.find(({ resource }) => isOfStep(resource, isNew));
  const version = await findTask(server, tx, message, brought);
  const before = readJson(version.text) as Resource;
  if (brought) pointers.set(brought.fullUrl, pathOf(version));

  const sides = partiesOf(server.actor, before, references);
  const held = references.target(before, 'owner', 'Organization');
  const owner = held && pathOf(held);
  const linked = message.sent
    .filter((each) => each !== brought && !pointers.has(each.fullUrl))
    .map((each) => ({ ...each, resource: pointed(server, each.resource, pointers) }));
  const index = brought?.index ?? 0;
  const told = brought ? pointed(server, brought.resource, pointers) : meantBy(message, event);
  const reason = elements(message.header, 'reason')[0];
  if (event.code === 'referral-cancel' && asksToCancel(before, sides, linked)) {
    const request = cancellationRequest(before, elements(told, 'statusReason')[0] ?? reason, server.now());
    const asking = { index, fullUrl: `urn:uuid:${request.id}`, resource: request };
    return { sent: [...linked, asking], changing: [], broken: [], notes: [], task: version, owner };
  }

  if (brought) refuseOtherParties(before, told, references);
  const referral = references.target(before, 'focus', 'ServiceRequest');
  const stored = referral && (await tx.read(referral.type, referral.id));
  const asked = stored?.text ? (JSON.parse(stored.text) as Resource) : undefined;
  let after = withStatus(before, told, event, sides);
  if (after.status !== before.status && reason && !told.statusReason)
    after = { ...after, statusReason: reason };
  after = withAdditions(after, told);
  for (const each of linked) {
    const name = event.attached[each.resource.resourceType];
    if (name === undefined || names(after, each, (await onRecord(server, tx, each)) ?? undefined)) continue;
    after = attached(after, each, nameFor(name, event, asked), sides);
  }
  const beyond = elements(message.bundle, 'entry').length;
  const returned = withReturn(linked, { before, after, told }, { beyond, now: server.now() });
  after = returned.task;
  if (after.status === 'accepted' && before.status !== 'accepted') {
    const now = server.now();
    const records = openRecords({ changes: [], reader: tx, now });
    after = await withProposals(after, { records, references, now });
  }
  const { issues } = validResource(server, after, 'Task', (issue) => inEntry(issue, index));
  return {
    sent: returned.sent,
    changing: [writing(version.id, after, index)],
    broken: issues.filter(isBreaking),
    notes: issues.filter((issue) => !isBreaking(issue)),
    task: version,
    owner,
  };
}

/** A Task that says what becomes of one on record: not one of a new referral, nor a request to cancel. */
function isOfStep(resource: Resource, isNew: ReadonlySet<string>): boolean {
  const focus = string(elements(resource, 'focus')[0], 'reference') ?? '';
  return (
    resource.resourceType === 'Task' &&
    !isNew.has(focus) &&
    !codesOf(resource, 'code', codeSystems.taskCode).includes('abort')
  );
}

function pointed(server: Server, resource: Resource, pointers: ReadonlyMap<string, string>): Resource {
  return pointers.size === 0
    ? resource
    : rewriteLinks(elementsOf(server.definitions), resource, (link) => pointers.get(link));
}

/** What a message without a Task says of it. */
function meantBy({ header }: Message, { code, to, meant }: MessageEvent): Resource {
  if (to.length > 0 && meant === undefined) throw refuse(messageRefusals.taskNeeded, [code]);
  const reason = elements(header, 'reason')[0];
  return {
    resourceType: 'Task',
    ...(meant !== undefined && { status: meant }),
    ...(reason && { statusReason: reason }),
  };
}

/** After arrival the sender asks to cancel, unless it does so by a request of its own. */
function asksToCancel(
  before: Resource,
  sides: ReadonlySet<Party> | undefined,
  sent: readonly Sent[],
): boolean {
  return (
    before.status === 'in-progress' &&
    !sides?.has('receiver') &&
    !sent.some(({ resource }) => codesOf(resource, 'code', codeSystems.taskCode).includes('abort'))
  );
}

/** Refuses with 422 a Task that names other parties, or another patient, than the one on record. */
function refuseOtherParties(before: Resource, told: Resource, references: References): void {
  const others = parties.filter((member) => {
    const named = references.target(told, member);
    return named && !isSame(named, references.target(before, member));
  });
  if (others.length > 0) throw new Refusal(422, [protectedFields(others)]);
}

/** The Task in the status that the message tells; what was asked for has come where the event brings records. */
function withStatus(
  before: Resource,
  told: Resource,
  { code, to }: MessageEvent,
  sides: ReadonlySet<Party> | undefined,
): Resource {
  if (to.length === 0) {
    const isSupplied = stateOf(before) === 'received:awaiting-information' && sides?.has('receiver') !== true;
    return isSupplied ? withState(before, 'received:under-review') : before;
  }
  const status = String(told.status);
  if (!to.includes(status)) throw refuse(messageRefusals.otherStatus, [code, status, to.join(', ')]);
  return {
    ...before,
    status,
    ...(told.businessStatus !== undefined && { businessStatus: told.businessStatus }),
    ...(told.statusReason !== undefined && { statusReason: told.statusReason }),
  };
}

/** What the Task of the message has beyond the one on record. */
function withAdditions(before: Resource, told: Resource): Resource {
  const after: Resource = { ...before };
  for (const list of ['input', 'output', 'note'] as const) {
    const known = elements(before, list);
    const added = elements(told, list).filter(
      (each) => !known.some((other) => isDeepStrictEqual(each, other)),
    );
    if (added.length > 0) after[list] = [...known, ...added];
  }
  const extensions = elements(told, 'extension');
  if (extensions.length > 0) {
    const urls = new Set(extensions.map(({ url }) => url));
    after.extension = [...elements(before, 'extension').filter(({ url }) => !urls.has(url)), ...extensions];
  }
  const restriction = elements(told, 'restriction')[0];
  if (restriction) after.restriction = { ...elements(before, 'restriction')[0], ...restriction };
  if (told.executionPeriod !== undefined) after.executionPeriod = told.executionPeriod;
  return after;
}

/** Whether the Task names a resource of the message, or what that is on record as. */
function names(
  task: Resource,
  { fullUrl, resource }: Sent,
  target: { type: string; id: string } | undefined,
): boolean {
  const local = `${resource.resourceType}/${resource.id}`;
  const links = [fullUrl, local, ...(target ? [pathOf(target)] : [])];
  return ['input', 'output'].some((list) =>
    elements(task, list).some((each) =>
      links.includes(string(elements(each, 'valueReference')[0], 'reference') ?? ''),
    ),
  );
}

/** What feedback is called of a patient who came back, and of a consultation. */
function nameFor(
  name: StepParameterName,
  { code }: MessageEvent,
  referral: Resource | undefined,
): StepParameterName {
  if (code !== 'referral-feedback' || !referral) return name;
  if (isConsultation(referral)) return 'advice';
  return directionOf(referral) === 'down' ? 'follow-up' : name;
}

/** Names a resource on the Task; what the receiver adds on the way is a note of the meantime. */
function attached(
  task: Resource,
  { fullUrl }: Sent,
  name: StepParameterName,
  sides: ReadonlySet<Party> | undefined,
): Resource {
  const value = { reference: fullUrl };
  if (name !== 'information' || !sides?.has('receiver') || sides.has('sender'))
    return parameterNamed(name).apply(task, value, 'valueReference');
  const type = { coding: [{ system: codeSystems.outputType, code: 'interim-note' }] };
  const output: Element = { type, valueReference: value };
  return { ...task, output: [...elements(task, 'output'), output] };
}

function writing(id: string, resource: Resource, index: number): WritingEntry {
  return {
    method: 'PUT',
    isHead: false,
    address: { segments: ['Task', id], query: [] },
    rest: { body: resource, prefer: {} },
    index,
    type: 'Task',
    id,
  };
}
