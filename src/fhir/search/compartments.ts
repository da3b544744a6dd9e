import type { Definitions } from '../definitions/definitions.ts';
import { refusals, refuse } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { or, type Query } from './query.ts';

interface Compartment extends Resource {
  code: string;
  resource: { code: string; param?: string[] }[];
}

/** What the compartments are read from: the server itself fits. */
export interface CompartmentServer {
  definitions: Definitions;
}

/** The types of resource that have a compartment. */
export function compartmentsOf({ definitions }: CompartmentServer): string[] {
  return definitions.all<Compartment>('CompartmentDefinition').map(({ code }) => code);
}

/**
 * The resource types that can be in the compartment of a type of resource
 * (http://hl7.org/fhir/R4/compartmentdefinition.html). Refuses types that have no compartment.
 */
export function compartmentTypes({ definitions }: CompartmentServer, compartment: string): string[] {
  return find(definitions, compartment)
    .resource.filter(({ code, param }) => code === compartment || (param !== undefined && param.length > 0))
    .map(({ code }) => code);
}

/**
 * The query for the resources of a type that are in the compartment of one resource, `Patient/23/Observation`. Matches
 * nothing when the type is never part of it; refuses types that have no compartment.
 */
export function compartmentFilter(
  server: CompartmentServer,
  compartment: string,
  id: string,
  type: string,
): Query {
  const references = compartmentParameters(server, compartment, type);
  const terms = references.map((name) => ({ kind: 'term', term: `${name}|>${compartment}/${id}` }) as const);
  // The resource that a compartment is of belongs to it.
  return or(type === compartment ? [{ kind: 'id', ids: [id] }, ...terms] : terms);
}

/** The names of the parameters whose references make a resource of a type part of a compartment. */
export function compartmentParameters(
  { definitions }: CompartmentServer,
  compartment: string,
  type: string,
): string[] {
  const membership = find(definitions, compartment).resource.find(({ code }) => code === type);
  return (membership?.param ?? []).filter((name) => name !== itself);
}

/** Stands among the parameters for the resource that the compartment is of. */
const itself = '{def}';

function find(definitions: Definitions, type: string): Compartment {
  const url = `http://hl7.org/fhir/CompartmentDefinition/${type[0]!.toLowerCase()}${type.slice(1)}`;
  const compartment = definitions.find<Compartment>('CompartmentDefinition', url);
  if (!compartment) throw refuse(refusals.notFound, [`${type} compartment`]);
  return compartment;
}
