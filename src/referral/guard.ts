import type { Definitions } from '../fhir/definitions/definitions.ts';
import { type Issue, isError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Change, Finding, Guard, Submission, Verdict } from '../interactions/guard.ts';
import { casesOf, mayFollowIn, mayWarn } from './cases.ts';
import { openRecords } from './context/records.ts';
import { papersOwed } from './duties/papers.ts';
import { replacedFirstTasks } from './first-task.ts';
import { mandatedProfiles } from './mandated-profiles.ts';
import { findImpossible } from './observations/findings.ts';
import { isReferral, recognise } from './recognise.ts';
import { createReferences } from './reference.ts';
import { findTakenNumbers } from './referral-number.ts';
import { findDifferingPatients } from './repeated-patient.ts';
import { findChangedRepeats } from './repeated-referral.ts';
import { inPriority, issueOf } from './rules/apply.ts';
import { judge } from './rules/judge.ts';
import { judgedByOf, withJudgedBy } from './rules/judged-by.ts';
import { type RuleSet, readRuleSet } from './rules/rule-set.ts';
import { settleWarnings } from './warnings.ts';
import type { Begin } from './workflow/begin.ts';
import { createDeadlines } from './workflow/deadlines.ts';

/** What the guard works with; built once, at start. */
export interface ReferralGuardParts {
  definitions: Definitions;
  /** Checks a resource against one profile, by its canonical URL. */
  validator: { validateProfile(url: string, resource: Resource): Issue[] };
  /** The server's base URL, below which absolute references are to this server. */
  base?: string;
  /** The rules in force; those of the definitions unless others are given. */
  rules?: { current(): Promise<RuleSet> };
  /** While history is imported, referrals are not held to what only the present can meet, and get no Tasks. */
  importsHistory?: boolean;
  /** Begins the workflow of the Tasks that the server makes; they stay as they are made unless it is given. */
  begin?: Begin;
}

function shippedRules(definitions: Definitions) {
  const shipped = readRuleSet(definitions);
  return { current: async () => shipped };
}

const nothing: Verdict = { findings: [], keep: [] };

/**
 * The submission with what was sent again as if it were to replace what is on record: so a referral that is refused
 * because it was sent before, saying something else, is told what it breaks as well.
 */
function withRepeats({ changes, repeats = [], ...others }: Submission): Submission {
  const updates = repeats.map(
    ({ type, id, sent, stored }): Change => ({ type, id, resource: { ...sent, id }, previous: stored }),
  );
  return { ...others, changes: [...changes, ...updates] };
}

/**
 * The guard that holds referrals to the policy. What it recognises as a referral must meet its profile, have a number
 * that no other referral has, and break no rule of severity error; everything that is found is told at once.
 * The warnings of what is accepted are kept with the referral. Updates are judged like new referrals.
 */
export function createReferralGuard({
  definitions,
  validator,
  base,
  rules = shippedRules(definitions),
  importsHistory,
  begin = async (task) => task,
}: ReferralGuardParts): Guard {
  const references = createReferences(base);
  const deadlinesOf = createDeadlines(definitions);

  return async (submitted: Submission): Promise<Verdict> => {
    const { book, tierLists, lists, measurands, judgedBy } = await rules.current();
    const concerns = ({ type }: Change) =>
      type === 'ServiceRequest' || type === 'Task' || book.of(type).some((rule) => rule.always);
    const mayHaveWarnings = ({ type }: Change) =>
      type === 'ServiceRequest' || type === 'Task' || book.of(type).some(mayWarn) || mayFollowIn(type, book);
    const changed = await findChangedRepeats(submitted, references);
    const submission = changed.length === 0 ? submitted : withRepeats(submitted);
    const { changes, now } = submission;
    if (!changes.some((change) => concerns(change) || mayHaveWarnings(change)))
      return changes.some(({ type }) => type === 'Observation')
        ? { findings: await findImpossible(changes, [], { measurands }), keep: [] }
        : nothing;

    const records = openRecords(submission);
    const recognised = await recognise(changes, references, async (target) => {
      const stored = await records.find(target);
      return stored !== undefined && isReferral(stored);
    });
    const sources = { records, references, tierLists, lists, measurands, now };
    const { cases, made } = await casesOf(submission, recognised, book, sources, importsHistory);

    const profileFindings = mandatedProfiles(changes, recognised, references).flatMap(({ change, url }) =>
      validator
        .validateProfile(url, changes[change]!.resource!)
        .map((issue): Finding => ({ ...issue, change })),
    );
    const taken = [
      ...changed,
      ...(await findTakenNumbers(changes, recognised.referrals, records, submission.shown)),
    ];
    const breaches = (await judge(cases)).map(({ of, breach }) => ({
      of,
      breach: inPriority(breach, of.referral?.priority),
    }));
    const findings = [
      ...profileFindings,
      ...breaches.flatMap(({ of: { change, place, silent }, breach }): Finding[] =>
        silent ? [] : [{ ...issueOf(breach), ...(place && { expression: [place] }), change }],
      ),
      ...(await findImpossible(changes, recognised.referrals, sources)),
      ...findDifferingPatients(submitted, recognised.referrals, references),
      ...taken,
    ];
    if (findings.some(isError))
      return {
        findings,
        keep: [],
        // A number that stands for something else is what is in the way, whatever else is wrong.
        ...((changed.length > 0 || findings.filter(isError).length === taken.length) && { status: 409 }),
      };
    const { keep, withdraw } = await settleWarnings(
      changes.filter(mayHaveWarnings),
      cases,
      breaches,
      sources,
    );
    const replaced = await replacedFirstTasks(recognised.tasks, sources);
    const begun = await Promise.all(
      made.map(async (task) => {
        const focus = references.target(task, 'focus', 'ServiceRequest');
        const referral = focus && (await records.find(focus));
        return referral ? begin(task, referral, records, now) : task;
      }),
    );
    const papers = await papersOwed({ keep, withdraw }, begun, {
      records,
      references,
      deadlines: () => deadlinesOf(records),
      now,
    });
    const judged = new Set(cases.map(({ focus }) => focus));
    const completed = recognised.referrals.flatMap((change) => {
      const { resource, previous } = change;
      if (!resource) return [];
      const by = judged.has(resource) ? judgedBy : judgedByOf(previous);
      const completion = withJudgedBy(resource, by);
      return completion === resource ? [] : [{ change: changes.indexOf(change), resource: completion }];
    });
    return {
      findings,
      keep: [...begun, ...keep, ...papers],
      ...(completed.length > 0 && { completed }),
      withdraw: [...withdraw, ...replaced],
    };
  };
}
