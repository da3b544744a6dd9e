import { readJson } from '../../fhir/json/parse.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Operation } from '../../interactions/operation.ts';
import { changeResource } from '../../interactions/operation-changes.ts';
import type { Reader } from '../../store/store.ts';
import { openRecords } from '../context/records.ts';
import { createReferences } from '../reference.ts';
import { stepOperationUrl } from '../vocabulary.ts';
import { stepsFrom } from './decide.ts';
import { type Given, givenParameters } from './given-parameters.ts';
import { nextSteps } from './next-steps.ts';
import { parameterFor, type StepParameter, type StepParameterName, stepParameters } from './parameters.ts';
import { withProposals } from './proposals.ts';
import { redirect } from './redirect.ts';
import { refer } from './refer.ts';
import { illegalStep } from './refusals.ts';
import { returnPatient } from './return.ts';
import { stateOf, withState } from './states.ts';
import { type Step, steps } from './steps.ts';

/** The steps that are more than a change of one Task: operations of their own. */
const composed = ['$redirect', '$return', '$refer'];

/** The operations of the workflow: one for each name in the table of steps, and the list of what may follow. */
export const workflowOperations: readonly Operation[] = [
  ...[...stepsByOperation()]
    .filter(([name]) => !composed.includes(name))
    .map(([name, rows]): Operation => stepOperation(name, rows)),
  redirect,
  returnPatient,
  refer,
  nextSteps,
];

/** The rows of the table by the operation that takes them. */
export function stepsByOperation(): Map<string, Step[]> {
  const named = steps.filter(({ operation }) => operation !== undefined);
  return Map.groupBy(named, ({ operation }) => operation!);
}

/** The parameters of an operation: those that its rows require, of which some suffice, and what any step can say. */
export function parametersOf(rows: readonly Step[]): StepParameterName[] {
  const required = rows.flatMap(({ requires }) => requires.flatMap((name) => parameterFor(name) ?? []));
  const hasChoice = new Set(rows.flatMap(({ to }) => to)).size > 1;
  return [...new Set<StepParameterName>([...required, ...(hasChoice ? (['business-status'] as const) : [])])];
}

/**
 * The operation that takes a step: it changes the Task as a client that knows no operation would, by its parameters,
 * and leaves it to the guard to decide, so that both ways have one result.
 */
function stepOperation(name: string, rows: readonly Step[]): Operation {
  const names = parametersOf(rows);
  const proposes = names.includes('department') && names.includes('liaison');
  return {
    name,
    definition: stepOperationUrl(name),
    on: { instance: true, types: ['Task'] },
    affectsState: true,
    run: (request, server) => {
      const given = givenParameters(request, server, names);
      return changeResource(request, server, async (task, reader) => {
        await refuseOthersSteps(task, rows, { reader, base: request.base });
        const after = applied(task, rows, given);
        if (!proposes) return after;
        const now = server.now();
        const records = openRecords({ changes: [], reader, now });
        return withProposals(after, { records, references: createReferences(request.base), now });
      });
    },
  };
}

/**
 * The Task with the parameters. Where its rows lead to one state the Task is in it; where they leave a choice, the
 * business status is the one stated, or left to be the one that is meant (`intended`), as with a plain update.
 */
function applied(task: Resource, rows: readonly Step[], given: readonly Given[]): Resource {
  const states = rows.flatMap(({ to }) => to);
  const [only, ...others] = states;
  const started = others.length === 0 ? withState(task, only!) : { ...task, status: only!.split(':')[0] };
  return given.reduce<Resource>(
    (after, { name, member, value }) =>
      (stepParameters[name as StepParameterName] as StepParameter).apply(after, value, member),
    started,
  );
}

/** Refuses with 409 an operation none of whose rows leads on from here, though another's might lead to the same state. */
async function refuseOthersSteps(
  task: Resource,
  rows: readonly Step[],
  { reader, base }: { reader: Reader; base: string },
): Promise<void> {
  if (rows.some(({ from }) => from.some((state) => state === stateOf(task)))) return;
  const focus = createReferences(base).target(task, 'focus', 'ServiceRequest');
  const stored = focus && (await reader.read(focus.type, focus.id));
  const referral = stored?.text ? (readJson(stored.text) as Resource) : undefined;
  const context = { before: task, after: task, referral, beside: {}, noShowFrom: undefined, now: 0 };
  throw new Refusal(409, [illegalStep(task, rows[0]!.to[0]!, stepsFrom(context))]);
}
