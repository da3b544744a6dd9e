import { randomUUID } from 'node:crypto';
import { codesOf, elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import type { References } from '../reference.ts';
import { codeSystems } from '../vocabulary.ts';
import type { Deadlines } from '../workflow/deadlines.ts';
import type { StepContext } from '../workflow/requirements.ts';
import type { Step } from '../workflow/steps.ts';
import { dutyTask } from './duty.ts';
import { withFamilyDoctors } from './family-doctors.ts';

/** Of so many activities of a plan of care a follow-up is made, each for itself. */
const mostActivities = 12;

/** After a referral of these priorities the patient is asked how it went, whatever came of it. */
const urgent: ReadonlySet<unknown> = new Set(['urgent', 'asap', 'stat']);

/** A patient who is returned for one of these is followed up by the plan of care. */
const longTerm = ['dn-rehab', 'dn-chronic-longterm', 'dn-elderly-care', 'dn-palliative'];

/** What a patient is to be followed up for: the plan of care, and until when. */
interface Visit {
  until: number;
  plan?: Resource;
  description: string;
}

/**
 * The follow-ups (随访) that the sender owes its patient once a referral up is completed or returned: of 康复, 慢病 and
 * the like those that the plan of care schedules, or one within the time of the clock `follow-up`; after an urgent
 * referral one within that time in any case.
 */
export async function followUpsAfter(
  { followUp }: Step,
  { after, referral, beside, now }: StepContext,
  sources: { records: Records; references: References; deadlines: Deadlines },
): Promise<Resource[]> {
  const [owner] = elements(after, 'requester');
  const [requester] = elements(after, 'owner');
  if (!followUp || !owner || !requester) return [];
  const priority = String(referral?.priority ?? after.priority ?? 'routine');
  const latest = sources.deadlines.within('follow-up', priority, now);
  const isLongTerm = codesOf(beside.downReferral, 'reasonCode', codeSystems.indication).some((code) =>
    longTerm.includes(code),
  );
  const plans = isLongTerm ? await plansOf(beside.downReferral!, sources) : [];
  const visits = plans.flatMap((plan) => visitsBy(plan, now, latest));
  if (urgent.has(priority) && !visits.some(({ until }) => until <= latest))
    visits.push({ until: latest, description: '急诊、紧急转诊后随访 / Follow-up after an urgent referral' });
  return Promise.all(
    visits.map(({ until, plan, description }) =>
      withFamilyDoctors(
        dutyTask({
          id: randomUUID(),
          duty: 'follow-up',
          of: after,
          owner,
          requester,
          now,
          until,
          members: { description, ...(plan && { focus: { reference: `CarePlan/${plan.id}` } }) },
        }),
        sources,
      ),
    ),
  );
}

function plansOf(
  referral: Resource,
  { records, references }: { records: Records; references: References },
): Promise<Resource[]> {
  const plans = references.targets(referral, 'supportingInfo').filter(({ type }) => type === 'CarePlan');
  return records.findAll(
    'CarePlan',
    plans.map(({ id }) => id),
  );
}

/** The visits that a plan schedules (activity.detail.scheduledPeriod) and that lie ahead; else one by the latest time. */
function visitsBy(plan: Resource, now: number, latest: number): Visit[] {
  const title = string(plan, 'title') ?? '后续治疗方案 / Plan of care';
  const scheduled = elements(plan, 'activity')
    .flatMap((activity) => elements(activity, 'detail'))
    .flatMap((detail): Visit[] => {
      const end = Date.parse(string(elements(detail, 'scheduledPeriod')[0] as Element, 'end') ?? '');
      return end > now ? [{ until: end, plan, description: string(detail, 'description') ?? title }] : [];
    })
    .slice(0, mostActivities);
  return scheduled.length > 0 ? scheduled : [{ until: latest, plan, description: title }];
}
