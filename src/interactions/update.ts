import { randomUUID } from 'node:crypto';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { type Condition, findMatch, readCondition } from './condition.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Request } from './request.ts';
import { checkId, validResource } from './resource-body.ts';
import type { Server } from './server.ts';
import { write } from './write.ts';

/**
 * Replaces a resource, or creates it under the client's id (http://hl7.org/fhir/R4/http.html#update). Without an id
 * in the address it is the conditional update (http://hl7.org/fhir/R4/http.html#cond-update).
 */
export async function update(server: Server, request: Request): Promise<Answer> {
  const type = request.type!;
  const { resource, issues } = validResource(server, request.body, type);
  if (request.id !== undefined) checkAddressedId(request.id, resource);
  const condition = request.id === undefined ? readCondition(server, type, request.query) : undefined;

  return server.store.write(async (transaction): Promise<Answer> => {
    const id = condition ? await resolveConditionalUpdate(transaction, condition, resource) : request.id!;
    const replaced = await transaction.read(type, id);
    checkIfMatch(request.ifMatch, replaced);
    const [kept] = await write(server, transaction, [{ method: 'PUT', type, id, resource, replaced }], {
      noted: issues,
    });
    const created = !replaced || replaced.text === null;
    return {
      status: created ? 201 : 200,
      version: kept!.version,
      created,
      issues: [...issues, ...kept!.issues],
    };
  });
}

function checkAddressedId(id: string, resource: Resource): void {
  checkId(id);
  if (resource.id === undefined) throw refuse(refusals.idMissing);
  if (resource.id !== id) throw refuse(refusals.idMismatch, [resource.id, id]);
}

/**
 * The id that a conditional update is about: that of the one match, else the client's, else a new one. Refuses with
 * 412 when more than one matches and with 400 when the match has another id than the resource.
 */
export async function resolveConditionalUpdate(
  transaction: Transaction,
  condition: Condition,
  resource: Resource,
): Promise<string> {
  await transaction.exclusive(condition.key);
  const match = await findMatch(transaction, condition);
  if (match && resource.id !== undefined && resource.id !== match.id) {
    throw refuse(refusals.idMismatch, [resource.id, match.id]);
  }
  return match?.id ?? resource.id ?? randomUUID();
}
