import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { codesOf, elements } from '../../fhir/elements.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Finding, Guard } from '../../interactions/guard.ts';
import { openRecords } from '../context/records.ts';
import { isReferralTask } from '../recognise.ts';
import { createReferences } from '../reference.ts';
import { codeSystems } from '../vocabulary.ts';
import { createDeadlines } from '../workflow/deadlines.ts';
import { owedOf, withOwed } from '../workflow/owed.ts';
import { partiesOf } from '../workflow/parties.ts';

/** 403: who asks for a cancellation does not grant it. */
const othersPart: Issue = {
  severity: 'error',
  code: 'forbidden',
  text: {
    zh: '到诊后的撤销由转出机构申请(requested),由接收机构同意或拒绝',
    en: 'A cancellation after arrival is asked for by the sender (requested), and granted or refused by the receiver',
  },
  expression: ['Task.status'],
  coding: { system: codeSystems.step, code: 'abort' },
};

/** In these states the sender's request waits for the receiver's word. */
const waiting: ReadonlySet<unknown> = new Set(['requested', 'received']);

/**
 * The guard of requests to cancel after arrival (COW: a Task of code `abort` whose focus is the referral's Task): the
 * sender makes and withdraws them, the receiver grants or refuses them, and owes that within the time of an answer.
 */
export function createCancellationGuard(definitions: Definitions, base: string): Guard {
  const references = createReferences(base);
  const deadlinesOf = createDeadlines(definitions);
  return async (submission) => {
    const { changes, actor, now } = submission;
    const findings: Finding[] = [];
    const completed: { change: number; resource: Resource }[] = [];
    const records = openRecords(submission);
    for (const [change, { type, resource, previous }] of changes.entries()) {
      if (type !== 'Task' || !resource || !codesOf(resource, 'code', codeSystems.taskCode).includes('abort'))
        continue;
      const focus = references.target(previous ?? resource, 'focus', 'Task');
      const task = focus && (await records.find(focus));
      if (!task || !isReferralTask(task)) continue;
      const parties = partiesOf(actor, task, references);
      const isAsked = !previous || resource.status === 'cancelled';
      const isTheirs = parties?.has(isAsked ? 'sender' : 'receiver') !== false;
      const isGrantedAtOnce = parties !== undefined && !previous && resource.status !== 'requested';
      if (!isTheirs || isGrantedAtOnce) findings.push({ ...othersPart, change });
      const [by] = elements(task, 'owner');
      const until = async () =>
        (await deadlinesOf(records)).within('answer', String(task.priority ?? 'routine'), now);
      const owed = by && waiting.has(resource.status) && (owedOf(previous) ?? { by, until: await until() });
      completed.push({ change, resource: withOwed(resource, owed || undefined) });
    }
    return { findings, keep: [], completed, ...(findings.length > 0 && { status: 403 }) };
  };
}
