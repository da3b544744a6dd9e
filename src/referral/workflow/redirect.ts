import { refusals, refuse } from '../../fhir/refusal.ts';
import { isElement } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { calledOn, changeOf, creationOf, keepAll } from '../../interactions/operation-changes.ts';
import type { Server } from '../../interactions/server.ts';
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

  return server.store.write(async (transaction) => {
    const { replaced, before } = await calledOn(request, transaction);
    const because = (member: string) => (reason === undefined ? {} : { [member]: reason });
    const next = followingTask(withoutOwed(before), receiver, 'requested:redirected', server.now(), {
      partOf: [{ reference: `Task/${request.id}` }],
      ...because('reasonCode'),
    });
    const closed = withState({ ...before, ...because('statusReason') }, 'cancelled:superseded');
    const isRejected = stateOf(before).startsWith('rejected:');
    return keepAll(server, transaction, [
      creationOf(server, next.id, next),
      ...(isRejected ? [] : [changeOf(server, replaced, closed)]),
    ]);
  });
}
