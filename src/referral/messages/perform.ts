import { elements, string } from '../../fhir/elements.ts';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { refuse, sentValue } from '../../fhir/refusal.ts';
import type { EntryOutcome } from '../../interactions/audited.ts';
import type { Server } from '../../interactions/server.ts';
import type { EntryNotes } from '../../interactions/write-entries.ts';
import type { Transaction } from '../../store/store.ts';
import { isReferral } from '../recognise.ts';
import { type Filed, fileResources } from '../submission/file-resources.ts';
import { outcomesOf } from '../submission/outcomes.ts';
import { submissionRefusals } from '../submission/refusals.ts';
import { notesOn, type Sent } from '../submission/sent.ts';
import type { MessageAnswer } from './answer.ts';
import { type MessageEvent, messageEvents } from './events.ts';
import { breachesOf, definitionsFor, receiversOf } from './held-to.ts';
import { eventOf, type Message } from './message.ts';
import { pathsOf, shownAt } from './on-record.ts';
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
  const noted = notesOn(server, message.bundle, message.sent, { isTold, isElsewhere: isFocusElsewhere });
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
  const paths = await pathsOf(tx, message, filed, step);
  return {
    issues: issuesOf(filed),
    focus: paths.map((path) => ({ reference: `${server.base}/${path}` })),
    shown: await shownAt(server, tx, paths),
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

/** What is on record need not be in the message again, though FHIR wants the focus in it: the server finds it. */
function isFocusElsewhere({ code, expression: [place = ''] = [] }: Issue): boolean {
  return code === 'not-found' && place.startsWith('Bundle.entry[0].resource.focus[');
}

function knownEvent({ header }: Message): MessageEvent {
  if (header.response !== undefined) throw refuse(messageRefusals.aResponse);
  const event = eventOf(header);
  if (event) return event;
  const named =
    string(header, 'eventUri') ??
    elements(header, 'eventCoding')
      .map(({ system, code }) => `${sentValue(system, 200)}|${sentValue(code, 200)}`)
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
