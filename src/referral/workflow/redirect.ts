import { parseJson } from '../../fhir/json/parse.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { isElement, type Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { checkIfMatch } from '../../interactions/preconditions.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import { validResource } from '../../interactions/resource-body.ts';
import type { Server } from '../../interactions/server.ts';
import { write } from '../../interactions/write.ts';
import { stepOperationUrl } from '../vocabulary.ts';
import { followingTask } from './following-task.ts';
import { givenParameters } from './given-parameters.ts';
import { withoutOwed } from './owed.ts';
import { stateOf, withState } from './states.ts';

/**
 * `Task/[id]/$redirect` with `receiver` and `reason`: the referral goes to another institution. The Task is closed as
 * superseded (one that was rejected stays so), and a new one of the same referral and chain is asked of the receiver:
 * both or neither. Answers with the new Task.
 */
export const redirect: Operation = {
  name: '$redirect',
  definition: stepOperationUrl('$redirect'),
  on: { instance: true, types: ['Task'] },
  affectsState: true,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const given = givenParameters(request, server, ['receiver', 'reason']);
  const [receiver, reason] = ['receiver', 'reason'].map(
    (name) => given.find((each) => each.name === name)?.value,
  );
  if (!isElement(receiver)) throw refuse(refusals.missingStepParameter, ['receiver']);

  return server.store.write(async (transaction): Promise<OperationAnswer> => {
    const replaced = await presentVersion(transaction, 'Task', request.id!);
    checkIfMatch(request.ifMatch, replaced);
    const before = parseJson(replaced.text, Number.POSITIVE_INFINITY) as Resource;
    const next = followingTask(withoutOwed(before), receiver, 'requested:redirected', server.now(), {
      partOf: [{ reference: `Task/${request.id}` }],
      ...(reason !== undefined && { reasonCode: reason }),
    });
    const closed = withState(
      { ...before, ...(reason !== undefined && { statusReason: reason }) },
      'cancelled:superseded',
    );
    const isRejected = stateOf(before).startsWith('rejected:');
    const changes = [
      {
        method: 'POST',
        type: 'Task',
        id: next.id,
        replaced: undefined,
        ...validResource(server, next, 'Task'),
      },
      ...(isRejected
        ? []
        : [
            {
              method: 'PATCH',
              type: 'Task',
              id: request.id!,
              replaced,
              ...validResource(server, closed, 'Task'),
            } as const,
          ]),
    ] as const;
    const noted = changes.flatMap(({ issues }) => issues);
    const [kept] = await write(server, transaction, changes, {
      noted,
      isBroken: changes.some(({ isBroken }) => isBroken),
    });
    return { status: 200, version: kept!.version, issues: [...noted, ...kept!.issues] };
  });
}
