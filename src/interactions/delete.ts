import { refusals, refuse } from '../fhir/refusal.ts';
import type { StoredVersion, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { textsOf } from './audited.ts';
import { type Condition, readCondition } from './condition.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Request } from './request.ts';
import type { Server } from './server.ts';
import { write } from './write.ts';

/**
 * Deletes a resource (http://hl7.org/fhir/R4/http.html#delete); its versions stay. Deleting what is not there
 * succeeds. Without an id in the address it is the conditional delete: more than one match is refused with 412,
 * unless the server is set to delete them all. What there is to say of it is the body of the answer, if anything.
 */
export async function remove(server: Server, request: Request): Promise<Answer> {
  const type = request.type!;
  const condition = request.id === undefined ? readCondition(server, type, request.query) : undefined;
  const preferred = request.prefer.return;
  return server.store.write(async (transaction): Promise<Answer> => {
    if (condition) await transaction.exclusive(condition.key);
    const doomed = condition
      ? await findDoomed(server, transaction, condition)
      : [await transaction.read(type, request.id!)].filter((version) => version !== undefined);
    checkIfMatch(request.ifMatch, request.ifMatch === undefined ? undefined : doomed[0]);
    const planned = doomed
      .filter((version) => version.text !== null)
      .map((replaced) => ({ method: 'DELETE', type, id: replaced.id, resource: null, replaced }) as const);
    const kept = planned.length > 0 ? await write(server, transaction, planned) : [];
    const issues = kept.flatMap((each) => each.issues);
    // "200 OK if the response contains a payload, or a 204 No Content with no response payload"
    const speaks = preferred === 'OperationOutcome' || (issues.length > 0 && preferred !== 'minimal');
    return {
      status: speaks ? 200 : 204,
      issues,
      ...(kept.length === 1 && { version: kept[0]!.version }),
      about: textsOf(planned.map(({ replaced }) => replaced)),
    };
  });
}

/** The current resources that a conditional delete is about; the condition must be claimed already. */
export async function findDoomed(
  server: Server,
  transaction: Transaction,
  { type, filter, text, timeout }: Condition,
): Promise<StoredVersion[]> {
  const most = server.limits.conditionalDeleteMultiple ? server.limits.maxPageSize : 1;
  const matches = await transaction.search({ type, filter, sort: [], limit: most + 1 }, { timeout });
  if (matches.length > most) throw refuse(refusals.multipleMatches, [text]);
  return matches.map((match) => match.version);
}
