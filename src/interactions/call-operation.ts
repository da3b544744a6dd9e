import { refusals, refuse } from '../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../fhir/resource.ts';
import type { Answer } from './answer.ts';
import type { Operation } from './operation.ts';
import type { Request } from './request.ts';
import { refuseMethod } from './route.ts';
import type { Server } from './server.ts';

/**
 * Calls an operation (http://hl7.org/fhir/R4/operations.html#executing): by POST with Parameters, or with the resource
 * that it takes; by GET when it changes nothing and all its parameters are simple.
 */
export async function callOperation(server: Server, request: Request): Promise<Answer> {
  const operation = findOperation(server, request);
  if (request.method === 'GET' && operation.affectsState) throw refuseMethod('GET', ['POST']);
  const body = request.body;
  if (body !== undefined && !isResource(body)) throw refuse(refusals.notAResource);
  const asked = {
    store: server.store,
    ...(request.type !== undefined && { type: request.type }),
    ...(request.id !== undefined && { id: request.id }),
    ...(request.versionId !== undefined && { versionId: request.versionId }),
    parameters: simpleParameters(request, body),
    ...(request.format !== undefined && { format: request.format }),
    ...(body && { body }),
    ...(request.ifMatch !== undefined && { ifMatch: request.ifMatch }),
    base: server.base,
    cursor: server.cursor,
  };
  const answer = await operation.run(asked, server);
  return 'resource' in answer ? { status: answer.status, json: JSON.stringify(answer.resource) } : answer;
}

function findOperation(server: Server, { operation: name, type, id, versionId }: Request): Operation {
  const level = versionId ? 'version' : id ? 'instance' : type ? 'type' : 'system';
  const found = server.operations.find(
    ({ name: own, on }) =>
      own === name && on[level] && (type === undefined || !on.types || on.types.includes(type)),
  );
  if (!found)
    throw refuse(refusals.unknownOperation, [[type, id, name].filter(Boolean).join('/').slice(0, 200)]);
  return found;
}

/** Simple parameters by name: those of the address, then those of a Parameters body. */
function simpleParameters({ query }: Request, body: Resource | undefined): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  const add = (name: string, value: string) => parameters.set(name, [...(parameters.get(name) ?? []), value]);
  for (const [name, value] of query) add(name, value);
  const listed = body?.resourceType === 'Parameters' && Array.isArray(body.parameter) ? body.parameter : [];
  for (const parameter of listed) {
    if (!isElement(parameter) || typeof parameter.name !== 'string') continue;
    const value = Object.entries(parameter).find(([name]) => name.startsWith('value'))?.[1];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      add(parameter.name, String(value));
  }
  return parameters;
}
