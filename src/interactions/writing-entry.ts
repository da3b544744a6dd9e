import { refusals, refuse } from '../fhir/refusal.ts';
import { isResource } from '../fhir/resource.ts';
import type { Router } from './batch.ts';
import { type Condition, readCondition, refuseCriteria } from './condition.ts';
import type { EntryRequest } from './entry-request.ts';
import { checkUpdatedId } from './resource-body.ts';
import type { InteractionCode } from './route.ts';
import type { Server } from './server.ts';

/** An entry of a transaction that writes, as the client sent it. */
export interface WritingEntry extends EntryRequest {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  index: number;
  type: string;
  /** The id in the address; without one a PUT, PATCH or DELETE has a condition. */
  id?: string;
  condition?: Condition;
}

const writing: readonly InteractionCode[] = ['create', 'update', 'patch', 'delete'];

/**
 * Reads an entry that writes; undefined for one that only reads, and for operations, which find out themselves. Refuses
 * what the address or the resource of an entry could never mean.
 */
export function readWritingEntry(
  server: Server,
  request: EntryRequest,
  index: number,
  router: Router,
): WritingEntry | undefined {
  const { method, address, rest } = request;
  const { route, address: at } = router(method, address.segments);
  if (route.interaction === 'transaction')
    throw refuse(refusals.notImplemented, [{ zh: 'Bundle 中的 Bundle', en: 'a bundle within a bundle' }]);
  if (method === 'GET' || !writing.includes(route.interaction)) return undefined;
  const type = at.type!;
  const entry: WritingEntry = { ...request, method, index, type, ...(at.id !== undefined && { id: at.id }) };
  if (method === 'POST' || method === 'PUT') {
    const { body } = rest;
    if (!isResource(body))
      throw refuse(refusals.invalidRequest, [{ zh: '条目没有资源', en: 'the entry has no resource' }]);
    if (body.resourceType !== type) throw refuse(refusals.typeMismatch, [body.resourceType, type]);
    if (method === 'PUT' && at.id !== undefined) checkUpdatedId(at.id, body);
    if (method === 'POST') refuseCriteria(server, type, address.query);
    if (method === 'POST' && rest.ifNoneExist !== undefined)
      entry.condition = readCondition(server, type, rest.ifNoneExist);
  }
  if (method !== 'POST' && at.id === undefined) entry.condition = readCondition(server, type, address.query);
  return entry;
}
