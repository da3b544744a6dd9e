import { compartmentParameters, compartmentTypes } from '../../fhir/search/compartments.ts';
import { all, or, prefixQuery, type Query } from '../../fhir/search/query.ts';
import type { Server } from '../server.ts';

/**
 * The types that the record of a patient (or encounter) is made of: those of the compartment, and those that R4 leaves
 * out of it although they name their patient, such as Task.
 */
export function recordTypes(server: Server, owner: string): string[] {
  const compartment = compartmentTypes(server, owner);
  const beside = server.definitions.resourceTypes.filter(
    (type) => !compartment.includes(type) && namesOwner(server, owner, type) !== undefined,
  );
  // Who has seen a record is no part of it.
  return [...compartment, ...beside].filter((type) => !server.readOnlyTypes?.has(type));
}

/** The query for the resources of a type that belong to the record of one owner, or, without an id, to any. */
export function recordFilter(server: Server, owner: string, id: string | undefined, type: string): Query {
  if (type === owner && id === undefined) return all;
  const names = compartmentParameters(server, owner, type);
  const beside = namesOwner(server, owner, type);
  if (names.length === 0 && type !== owner && beside !== undefined) names.push(beside);
  const belongs = names.map(
    (name): Query =>
      id === undefined
        ? prefixQuery(`${name}|>${owner}/`)
        : { kind: 'term', term: `${name}|>${owner}/${id}` },
  );
  return or(type === owner ? [{ kind: 'id', ids: [id!] }, ...belongs] : belongs);
}

/** The parameter that is called like the owner and leads to it: `patient` of Task. */
function namesOwner(server: Server, owner: string, type: string): string | undefined {
  const parameter = server.parameters.of(type).get(owner.toLowerCase());
  return parameter?.type === 'reference' && parameter.targets.includes(owner) ? parameter.name : undefined;
}
