import { isError } from '../../../fhir/outcome.ts';
import { Refusal } from '../../../fhir/refusal.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Store } from '../../../store/store.ts';
import { localInstant } from '../../registers/local-time.ts';
import { stateOf } from '../../workflow/states.ts';
import { steps } from '../../workflow/steps.ts';
import { fullUrlOf, type Part, recordNumber, textIn } from '../bundle/part.ts';
import type { Directory } from '../directory/directory.ts';
import { storedDirectory } from '../directory/stored-directory.ts';
import { problemOfIssue } from '../places.ts';
import type { Problem } from '../problem.ts';
import type { Sent, SentRow } from '../read/sent.ts';
import type { RowResult } from '../result.ts';
import type { FlatRow } from '../row.ts';
import { stateOfReferral } from '../state-of-referral.ts';
import { eachRow, type TakingIn } from '../take-in.ts';
import { stepParameters } from './parameters.ts';
import { actionIn, findTask, patientOf, problemAt, type SentStep } from './step.ts';

/**
 * Takes the steps of rows, one after the other: each is the operation on the Task, with the resources that it refers to,
 * in a transaction of its own. A step after which the Task is already is answered as repeated.
 */
export function takeSteps(sent: Sent, taking: TakingIn): Promise<RowResult[]> {
  const directory = storedDirectory(taking.server);
  return eachRow(sent, taking, (row) => takeStep(row, directory, taking));
}

async function takeStep(sent: SentRow, directory: Directory, taking: TakingIn): Promise<RowResult> {
  const { server, reader, submit, isDry } = taking;
  const { row, problems } = reader.read(sent);
  const number = textIn(row, 'referral-number');
  const refused = (found: readonly Problem[], status = 422): RowResult => ({
    row: row.number,
    result: 'refused',
    status,
    number,
    problems: found,
  });
  if (problems.length > 0) return refused(problems);
  const found = await findTask(row, server);
  if ('problem' in found)
    return refused([problemAt({ row, mapping: reader.mapping }, found.field, found.problem)], 404);
  const { task, referral } = found;
  const context = {
    row,
    task,
    referral,
    directory,
    mapping: reader.mapping,
    now: localInstant(server.now()),
  };
  const made = await stepParameters(context);
  if ('problems' in made) return refused(made.problems);
  const { bundle, origins } = bundleOf(row, task, made);
  const done = {
    row: row.number,
    number: number!,
    ...(referral && { referral: `ServiceRequest/${referral.id}` }),
    ...(patientOf(task).reference !== undefined && { patient: String(patientOf(task).reference) }),
  };
  try {
    if (isDry) await rolledBack(server, (dry) => submit(dry, bundle));
    else await submit(server, bundle);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 409 && isTaken(row, task))
      return {
        ...done,
        result: 'repeated',
        ...(referral && (await stateOfReferral(server, done.referral!))),
      };
    const types = bundle.entry.map(({ resource }) =>
      resource.resourceType === 'Parameters' ? 'Task' : resource.resourceType,
    );
    const told = error.issues
      .filter(isError)
      .map((issue) => problemOfIssue(issue, row, { types, origins }, reader));
    return refused(told, error.status);
  }
  return { ...done, result: 'accepted', ...(referral && (await stateOfReferral(server, done.referral!))) };
}

/** The transaction of a step: what it refers to, each created unless it is there, and the operation. */
function bundleOf(row: FlatRow, task: Resource, { parameters, resources }: SentStep) {
  const action = actionIn(row);
  const number = `${textIn(row, 'referral-number')}-${action}`;
  const ids = new Map(resources.map(({ key }) => [key, fullUrlOf(`${task.id} ${number}`, key)]));
  const entries = resources.map((part) => entryOf(number, part, ids.get(part.key)!));
  const linked = parameters.map((parameter) => {
    const { reference } = (parameter.valueReference ?? {}) as Element;
    const part = resources.find(({ key }) => key === reference);
    return part
      ? {
          ...parameter,
          valueReference: { reference: `${part.resource.resourceType}/${idIn(ids.get(part.key)!)}` },
        }
      : parameter;
  });
  const operation = {
    resource: { resourceType: 'Parameters', ...(linked.length > 0 && { parameter: linked }) } as Resource,
    request: { method: 'POST', url: `Task/${task.id}/$${action}` },
  };
  return {
    bundle: { resourceType: 'Bundle', type: 'transaction', entry: [...entries, operation] },
    origins: [...resources.map(({ fields }) => fields), [...row.values.keys()]],
  };
}

/** What a step refers to is named before it is there: the operation has to say its id. */
function entryOf(number: string, { key, resource }: Part, fullUrl: string) {
  const record = recordNumber(number, key, resource);
  const identifier = [...((resource.identifier as Element[] | undefined) ?? []), record];
  const isSingle = resource.resourceType === 'Composition';
  const id = idIn(fullUrl);
  return {
    resource: { ...resource, id, identifier: isSingle ? record : identifier } as Resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
  };
}

function idIn(fullUrl: string): string {
  return fullUrl.replace('urn:uuid:', '');
}

/** Whether the Task is in a state that the action leads to: the step was taken before. */
function isTaken(row: FlatRow, task: Resource): boolean {
  const rows = steps.filter(({ operation }) => operation === `$${actionIn(row)}`);
  return rows.some(({ to }) => to.some((state) => state === stateOf(task)));
}

class RolledBack extends Error {}

/** Runs work to its end, and then keeps nothing of it: the store is told that it failed. */
async function rolledBack(server: Server, work: (dry: Server) => Promise<unknown>): Promise<void> {
  const { trail: _, ...unrecorded } = server;
  const store: Store = {
    ...server.store,
    write: async (change) => {
      let outcome: unknown;
      try {
        return await server.store.write(async (transaction) => {
          outcome = await change(transaction);
          throw new RolledBack();
        });
      } catch (error) {
        if (error instanceof RolledBack) return outcome as never;
        throw error;
      }
    },
  };
  await work({ ...unrecorded, store });
}
