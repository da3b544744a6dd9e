import { codesOf, elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { isReferralTask } from '../recognise.ts';
import { isSame, type References, type Target } from '../reference.ts';
import { codeSystems } from '../vocabulary.ts';
import type { KeptWarnings } from '../warnings.ts';
import type { Deadlines } from '../workflow/deadlines.ts';
import { carriedOver, replacedBy } from '../workflow/replacement.ts';
import { dutyTask, isOpenDuty, withDue } from './duty.ts';

const mostTasks = 20;

/**
 * The Tasks of papers that may follow: what a stat referral lacks (its consent, the identity of its patient) is owed by
 * the sender until a time, and stands on the overdue list like every step. Each goes with the DetectedIssue that says
 * what is missing, under the same id: it is made with it, and is completed once it is withdrawn.
 */
export async function papersOwed(
  { keep, withdraw }: KeptWarnings,
  made: readonly Resource[],
  {
    records,
    references,
    deadlines,
    now,
  }: {
    records: Records;
    references: References;
    deadlines(): Promise<Deadlines>;
    now: number;
  },
): Promise<Resource[]> {
  const tasks: Resource[] = [];
  for (const issue of keep) {
    if (!codesOf(issue, 'code', codeSystems.ruleConsequence).includes('owed')) continue;
    const present = await records.find({ type: 'Task', id: issue.id! });
    const referral = references.target(issue, 'implicated', 'ServiceRequest');
    const of = referral && (await taskOf(referral, made, { records, references }));
    const [sender] = elements(of, 'requester');
    const [receiver] = elements(of, 'owner');
    if ((present && isOpenDuty(present)) || !of || !sender || !receiver) continue;
    const until = (await deadlines()).within('papers', String(of.priority ?? 'routine'), now);
    tasks.push(
      dutyTask({
        id: issue.id!,
        duty: 'supply-papers',
        of,
        owner: sender,
        requester: receiver,
        now,
        until,
        members: { description: string(elements(issue, 'code')[0], 'text') },
      }),
    );
  }
  for (const { id } of withdraw) {
    const present = await records.find({ type: 'Task', id });
    if (!present || !isOpenDuty(present)) continue;
    // A referral that is replaced leaves what it lacks to the one that replaces it.
    const isReplaced = records
      .submitted('ServiceRequest')
      .flatMap((each) => references.targets(each, 'replaces'))
      .some((replaced) => isSame(replaced, references.target(present, 'basedOn')));
    const status = isReplaced ? 'cancelled' : 'completed';
    tasks.push(withDue({ ...present, status, lastModified: new Date(now).toISOString() }));
  }
  return tasks;
}

/** The Tasks of papers that nobody needs any more, since their referral has ended without the patient's coming. */
export async function papersMoot(
  of: Target,
  { records, references }: { records: Records; references: References },
): Promise<Resource[]> {
  const parts = await records.stored('Task', refersTo('part-of', of), mostTasks);
  return parts
    .filter((task) => codesOf(task, 'code', codeSystems.duty).includes('supply-papers') && isOpenDuty(task))
    .filter((task) => isSame(references.target(task, 'partOf', 'Task'), of))
    .map((task) => withDue({ ...task, status: 'cancelled' }));
}

/** The Task of a referral: the one that comes with it, else the latest on record. */
async function taskOf(
  referral: Target,
  made: readonly Resource[],
  { records, references }: { records: Records; references: References },
): Promise<Resource | undefined> {
  const isOf = (task: Resource) => isSame(references.target(task, 'focus'), referral);
  const brought = [...made, ...records.submitted('Task')].find(isOf);
  if (brought) return brought;
  if (records.isNew(referral)) {
    const own = await records.find(referral);
    const replaced = own && (await replacedBy(own, { records, references }));
    return replaced?.task && carriedOver(replaced.task, own!);
  }
  return (await records.stored('Task', refersTo('focus', referral), mostTasks)).find(isReferralTask);
}
