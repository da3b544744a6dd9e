import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { isError } from '../../fhir/outcome.ts';
import type { Guard, Submission, Verdict } from '../../interactions/guard.ts';
import { openRecords } from '../context/records.ts';
import { createReferences } from '../reference.ts';
import { createDeadlines, type Deadlines } from '../workflow/deadlines.ts';
import { endedAppointments } from './ended-tasks.ts';
import { followAppointments, scheduleAccepted } from './following-tasks.ts';
import { judgeSlots } from './slots.ts';

const nothing: Verdict = { findings: [], keep: [] };
const concerned: ReadonlySet<string> = new Set(['Appointment', 'Slot', 'Task']);

/**
 * The guard that holds slots, appointments and the Tasks of referrals together, whichever of them is written and which
 * way: an operation, a plain client, an entry of a transaction. It stands behind the guard of the workflow, whose word
 * on the Tasks it takes. `base` is the server's URL, below which absolute references are to this server.
 */
export function createAppointmentGuard({
  definitions,
  base,
}: {
  definitions: Definitions;
  base?: string;
}): Guard {
  const references = createReferences(base);
  const deadlinesOf = createDeadlines(definitions);

  return async (submission: Submission): Promise<Verdict> => {
    const { changes, actor, now } = submission;
    if (!changes.some(({ type }) => concerned.has(type))) return nothing;
    const records = openRecords(submission);
    const ended = await endedAppointments(changes, { records, references });
    const slots = await judgeSlots(changes, ended, { records, references, actor });
    let opened: Promise<Deadlines> | undefined;
    const deadlines = () => (opened ??= deadlinesOf(records));
    const shown = submission.shown ?? submission.reader;
    const sources = { records, shown, references, deadlines, actor, now };
    const tasks = await followAppointments(changes, sources);
    const findings = [...slots.findings, ...tasks.findings];
    if (findings.some(isError))
      return { findings, keep: [], status: tasks.findings.length > 0 ? tasks.status : slots.status };
    return {
      findings,
      completed: [...slots.completed, ...(await scheduleAccepted(changes, sources))],
      keep: [...ended, ...slots.keep, ...tasks.keep],
    };
  };
}
