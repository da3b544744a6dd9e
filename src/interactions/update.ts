import { randomUUID } from 'node:crypto';
import { refusals, refuse, sentValue } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { textsOf } from './audited.ts';
import { type Condition, findMatch, readCondition } from './condition.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Request } from './request.ts';
import { checkId, checkUpdatedId, keeping, validResource } from './resource-body.ts';
import type { Server } from './server.ts';
import { write } from './write.ts';

/**
 * Replaces a resource, or creates it under the client's id (http://hl7.org/fhir/R4/http.html#update). Without an id
 * in the address it is the conditional update (http://hl7.org/fhir/R4/http.html#cond-update).
 */
export async function update(server: Server, request: Request): Promise<Answer> {
  const type = request.type!;
  const valid = validResource(server, request.body, type);
  const { resource, issues, isBroken } = valid;
  if (request.id !== undefined) checkUpdatedId(request.id, resource);
  const condition = request.id === undefined ? readCondition(server, type, request.query) : undefined;

  return keeping(valid, () =>
    server.store.write(async (transaction): Promise<Answer> => {
      if (condition) await transaction.exclusive(condition.key);
      const id = condition ? await resolveConditionalUpdate(transaction, condition, resource) : request.id!;
      const replaced = await transaction.read(type, id);
      checkIfMatch(request.ifMatch, replaced);
      const [kept] = await write(server, transaction, [{ method: 'PUT', type, id, resource, replaced }], {
        noted: issues,
        isBroken,
      });
      const created = !replaced || replaced.text === null;
      return {
        status: created ? 201 : 200,
        version: kept!.version,
        created,
        issues: [...issues, ...kept!.issues],
        about: textsOf(replaced ? [replaced] : []),
      };
    }),
  );
}

/**
 * The id that a conditional update is about: that of the one match, else the client's, else a new one. Refuses with
 * 412 when more than one matches, with 400 when the match has another id than the resource, and with 409 when the
 * resource has the id of one that does not match, which would be overwritten. The condition must be
 * claimed already; those of `without` do not count.
 */
export async function resolveConditionalUpdate(
  transaction: Transaction,
  condition: Condition,
  resource: Resource,
  without: readonly string[] = [],
): Promise<string> {
  const match = await findMatch(transaction, condition, without);
  if (match && resource.id !== undefined && resource.id !== match.id) {
    throw refuse(refusals.idMismatch, [sentValue(resource.id), match.id]);
  }
  if (match) return match.id;
  if (resource.id === undefined) return randomUUID();
  checkId(resource.id);
  const current = await transaction.read(condition.type, resource.id);
  if (current?.text) throw refuse(refusals.idTaken, [`${condition.type}/${resource.id}`, condition.text]);
  return resource.id;
}
