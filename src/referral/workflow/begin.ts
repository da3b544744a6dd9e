import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import { createReferences } from '../reference.ts';
import { refusalsOnRecord, withRefusedBefore } from '../registers/first-pass/refused-before.ts';
import { createDeadlines } from './deadlines.ts';
import { withOwed } from './owed.ts';
import { withReception } from './reception.ts';
import { isStat } from './requirements.ts';
import { steps } from './steps.ts';
import { withStepTaken } from './taken-steps.ts';

/** Begins the workflow of a Task that the server itself makes for a referral. */
export type Begin = (task: Resource, referral: Resource, records: Records, now: number) => Promise<Resource>;

const submit = steps.find(({ name }) => name === 'submit')!;

/** The first step for Tasks that no client has sent: their chain is their own number, and the receiver owes an answer. */
export function createBegin(definitions: Definitions): Begin {
  const deadlinesOf = createDeadlines(definitions);
  const references = createReferences();
  return async (task, referral, records, now) => {
    const deadlines = await deadlinesOf(records);
    const [identifier] = task.identifier as [object];
    const after = { groupIdentifier: identifier, ...task } as Resource;
    const context = { before: null, after, referral, beside: {}, noShowFrom: undefined, now };
    const owner = references.target(after, 'owner', 'Organization');
    const reception = await deadlines.receptions.receiving(owner, { isStat: isStat(context), now });
    const owed = await deadlines.owedAfter(submit, context, null);
    const refused = await refusalsOnRecord(referral, records);
    const begun = withStepTaken(withReception(withOwed(after, owed), reception), null, submit, now);
    return withRefusedBefore(begun, refused);
  };
}
