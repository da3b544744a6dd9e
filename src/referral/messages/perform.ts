import { elements, string } from '../../fhir/elements.ts';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { EntryOutcome } from '../../interactions/audited.ts';
import type { Server } from '../../interactions/server.ts';
import type { EntryNotes } from '../../interactions/write-entries.ts';
import type { Transaction } from '../../store/store.ts';
import { isReferral } from '../recognise.ts';
import { pathOf, type Target } from '../reference.ts';
import { type Filed, fileResources } from '../submission/file-resources.ts';
import { outcomesOf } from '../submission/outcomes.ts';
import { submissionRefusals } from '../submission/refusals.ts';
import { notesOn, type Sent } from '../submission/sent.ts';
import { taskOf } from '../submission/task-of.ts';
import type { MessageAnswer } from './answer.ts';
import { type MessageEvent, messageEvents } from './events.ts';
import { breachesOf, definitionsFor, receiversOf } from './held-to.ts';
import { eventOf, type Message } from './message.ts';
import { messageRefusals } from './refusals.ts';
import { speakingFor } from './speaker.ts';
import { type MessageStep, stepOf } from './step.ts';

/** What came of a message, and what the record of accesses needs of it. */
export interface Performed extends Omit<MessageAnswer, 'code'> {
  about: readonly string[];
  entries: readonly EntryOutcome[];
}

/**
 * Does what a message says, in a transaction. Refuses what it is no message of ours for (400), who speaks in another's
 * name (403), what is not on record (404), and what validation, MessageDefinitions, rules and the table of steps refuse.
 */
export async function perform(server: Server, tx: Transaction, message: Message): Promise<Performed> {
  const event = knownEvent(message);
  const speaking = await speakingFor(server, tx, message);
  const isTold = ({ resource }: Sent) => event.does === 'files' || resource.resourceType !== 'Task';
  if (event.does === 'files' && !message.sent.some(({ resource }) => isReferral(resource)))
    throw refuse(submissionRefusals.noReferral);
  const noted = notesOn(server, message.bundle, message.sent, isTold);
  const step = event.does === 'steps' ? await stepOf(speaking, tx, message, event) : undefined;
  const receivers = await receiversOf(speaking, tx, message, step?.owner);
  const definitions = await definitionsFor(server, tx, event, receivers);
  const breaches = definitions.flatMap((each) => breachesOf(server, message, each));
  const filed = await fileResources(speaking, tx, step?.sent ?? message.sent, {
    changing: step?.changing ?? [],
    // What is wrong with the Task that was sent is wrong with the one that it becomes as well: told once.
    broken: noted.broken.length > 0 ? noted.broken : (step?.broken ?? []),
    notes: withNotes(noted.notes, breaches, step),
  });
  const task = step?.task ?? (await taskFiled(tx, message, filed));
  const shown = task && (await shownWith(server, tx, task));
  return {
    issues: issuesOf(filed),
    focus: await focusOf(server, tx, message, { filed, step, task }),
    ...(shown && { shown: [shown] }),
    about: [],
    entries: outcomesOf(filed),
  };
}

/** The notes of the entries: of the header what the MessageDefinitions say, of the Task of a step what it would be. */
function withNotes(
  notes: EntryNotes['notes'],
  breaches: readonly Issue[],
  step: MessageStep | undefined,
): EntryNotes['notes'] {
  const task = step?.changing[0]?.index;
  return notes.map((issues, index) => [
    ...(index === 0 ? breaches : []),
    ...issues,
    ...(index === task ? step!.notes : []),
  ]);
}

function knownEvent({ header }: Message): MessageEvent {
  if (header.response !== undefined) throw refuse(messageRefusals.aResponse);
  const event = eventOf(header);
  if (event) return event;
  const named =
    string(header, 'eventUri') ??
    elements(header, 'eventCoding')
      .map(({ system, code }) => `${system}|${code}`)
      .join();
  throw refuse(messageRefusals.unknownEvent, [
    named.slice(0, 200),
    messageEvents.map(({ code }) => code).join(', '),
  ]);
}

/** The warnings and hints of what was kept. */
function issuesOf({ answers }: Filed): Issue[] {
  return [...answers.values()].flatMap(({ issues = [] }) => issues.filter((issue) => !isError(issue)));
}

/** The Task of the referral that a message brought. */
function taskFiled(tx: Transaction, { sent }: Message, { targets }: Filed): Promise<Target | undefined> {
  const referral = sent.find(({ resource }) => resource.resourceType === 'ServiceRequest');
  const target = referral && targets.get(referral.index);
  return target ? taskOf(tx, target) : Promise.resolve(undefined);
}

async function shownWith(
  { base }: Server,
  tx: Transaction,
  target: Target,
): Promise<{ fullUrl: string; resource: Resource } | undefined> {
  const version = await tx.read(target.type, target.id);
  return version?.text
    ? { fullUrl: `${base}/${pathOf(target)}`, resource: JSON.parse(version.text) as Resource }
    : undefined;
}

/** What is on record of the referral: itself, its Task, and what else the message had as its focus. */
async function focusOf(
  { base }: Server,
  tx: Transaction,
  { sent }: Message,
  { filed, step, task }: { filed: Filed; step: MessageStep | undefined; task: Target | undefined },
): Promise<Element[]> {
  const made = sent.flatMap(({ index, resource }) =>
    resource.resourceType === 'ServiceRequest' || resource.resourceType === 'Task'
      ? (filed.targets.get(index) ?? [])
      : [],
  );
  const version = step && (await tx.read('Task', step.task.id));
  const coordinated = version?.text ? elements(JSON.parse(version.text) as Resource, 'focus') : [];
  const links = [
    ...coordinated.flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : [])),
    ...made.map(pathOf),
    ...(task ? [pathOf(task)] : []),
  ];
  return [...new Set(links)].map((path) => ({ reference: `${base}/${path}` }));
}
