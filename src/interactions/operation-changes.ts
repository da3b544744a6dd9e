import { readJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Reader, StoredVersion, Transaction } from '../store/store.ts';
import type { OperationAnswer, OperationRequest } from './operation.ts';
import { checkIfMatch } from './preconditions.ts';
import { presentVersion } from './present-version.ts';
import { type ValidResource, validResource } from './resource-body.ts';
import type { Server } from './server.ts';
import { type PlannedChange, write } from './write.ts';

/**
 * Changes the resource that an operation was called on, as an update would: `If-Match`, validation, guards, one
 * version. `change` gives the resource as it is to be, from what it is and from what else the transaction reads.
 * Refuses with 404, 410 or 412 as an update does, and with what `change`, validation and the guards refuse.
 */
export function changeResource(
  request: OperationRequest,
  server: Server,
  change: (resource: Resource, reader: Reader) => Promise<Resource>,
): Promise<OperationAnswer> {
  return server.store.write(async (transaction) => {
    const { replaced, before } = await calledOn(request, transaction);
    return keepAll(server, transaction, [changeOf(server, replaced, await change(before, transaction))]);
  });
}

/** The resource that an operation was called on, which must be there and be the version that the client means. */
export async function calledOn(
  { type, id, ifMatch }: OperationRequest,
  transaction: Transaction,
): Promise<{ replaced: StoredVersion; before: Resource }> {
  const replaced = await presentVersion(transaction, type!, id!);
  checkIfMatch(ifMatch, replaced);
  return { replaced, before: readJson(replaced.text) as Resource };
}

/** A change that an operation plans, and what validation says of what it makes. */
export type ValidChange = PlannedChange & ValidResource;

/** A resource that an operation makes, under an id that it chose. */
export function creationOf(server: Server, id: string, resource: Resource): ValidChange {
  const type = resource.resourceType;
  return { method: 'POST', type, id, replaced: undefined, ...validResource(server, resource, type) };
}

/** What an operation makes of a version that is there. */
export function changeOf(server: Server, replaced: StoredVersion, resource: Resource): ValidChange {
  const { type, id } = replaced;
  return { method: 'PATCH', type, id, replaced, ...validResource(server, resource, type) };
}

/** Keeps what an operation plans, all or nothing, and answers with the first of it. */
export async function keepAll(
  server: Server,
  transaction: Transaction,
  changes: readonly ValidChange[],
): Promise<OperationAnswer> {
  const noted = changes.flatMap(({ issues }) => issues);
  const isBroken = changes.some((change) => change.isBroken);
  const [kept] = await write(server, transaction, changes, { noted, isBroken });
  return { status: 200, version: kept!.version, issues: [...noted, ...kept!.issues] };
}
