import { compartmentsOf } from '../../fhir/search/compartments.ts';
import { readingInteractions } from '../../interactions/capabilities.ts';
import type { Operation } from '../../interactions/operation.ts';
import type { Route } from '../../interactions/route.ts';
import type { Server } from '../../interactions/server.ts';

/** One of the addresses that a route stands for. */
export interface DescribedAddress {
  /** With the type and the operation filled in, ids left open: `/Patient/{id}/$everything`. */
  path: string;
  type?: string;
  operation?: Operation;
}

/** The addresses that a route stands for: one for each type that it is for, and each operation. */
export function addressesOf(server: Server, { path, method, interaction }: Route): DescribedAddress[] {
  const canOnlyRead = (type: string | undefined) => type !== undefined && server.readOnlyTypes?.has(type);
  const isForAll =
    readingInteractions.includes(interaction) ||
    (interaction === 'operation' && !path.includes('{versionId}'));
  const types = typesOf(server, path).filter((type) => isForAll || !canOnlyRead(type));
  const addresses = types.map((type) => ({
    path: type === undefined ? path : path.replace('{type}', type),
    ...(type !== undefined && { type }),
  }));
  if (!path.includes('{operation}')) return addresses;
  const level = levelOf(path);
  const callable = server.operations.filter(
    ({ on, affectsState }) => on[level] && !(method === 'GET' && affectsState),
  );
  return addresses.flatMap((address) =>
    callable
      .filter(({ on }) => address.type === undefined || !on.types || on.types.includes(address.type))
      .filter(({ affectsState }) => !(affectsState && canOnlyRead(address.type)))
      .map((operation) => ({
        ...address,
        operation,
        path: address.path.replace('{operation}', () => operation.name),
      })),
  );
}

function typesOf({ definitions }: Server, path: string): readonly (string | undefined)[] {
  if (!path.startsWith('/{type}')) return [undefined];
  const isCompartment = path.includes('{compartmentType}') || path === '/{type}/{id}/_search';
  return isCompartment ? compartmentsOf({ definitions }) : definitions.resourceTypes;
}

function levelOf(path: string): 'system' | 'type' | 'instance' | 'version' {
  if (path.includes('{versionId}')) return 'version';
  if (path.includes('{id}')) return 'instance';
  return path.includes('{type}') ? 'type' : 'system';
}
