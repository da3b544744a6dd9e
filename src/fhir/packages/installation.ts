import type { Resource } from '../resource.ts';
import type { ReadManifest, ReadPackage } from './read-package.ts';

/** The types that a package brings for others to be validated and understood by; the rest of it is not installed. */
const installed = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'NamingSystem',
  'Questionnaire',
  'OperationDefinition',
  'CapabilityStatement',
  'ImplementationGuide',
  'GraphDefinition',
  'StructureMap',
  'Measure',
  'Library',
]);

/** Packages that are part of this server. */
const builtIn = new Set(['hl7.fhir.r4.core', 'hl7.fhir.r4.examples', 'hl7.fhir.r4.expansions']);

/** Whether a package is R4's own, which is here already. */
export function isBuiltIn(name: string): boolean {
  return builtIn.has(name);
}

/** Whether a package is for R4, as far as it says. */
export function isForR4({ fhirVersions }: ReadManifest): boolean {
  return fhirVersions.length === 0 || fhirVersions.some((version) => version.startsWith('4.0'));
}

/**
 * The definitions of a package, each under its id, what others build on first: code systems, value sets, then profiles
 * behind their bases. One without an id has the end of its URL.
 */
export function definitionsOf({ resources }: ReadPackage): Resource[] {
  const wanted = resources.filter(({ resourceType }) => installed.has(resourceType));
  const order = ['CodeSystem', 'ValueSet', 'StructureDefinition'];
  const rank = ({ resourceType }: Resource) =>
    (order.indexOf(resourceType) + order.length) % (order.length + 1);
  const named = wanted.flatMap((resource) => {
    const id = resource.id ?? idOf(resource.url);
    return id === undefined ? [] : [{ ...resource, id }];
  });
  return behindTheirBases(named).toSorted((a, b) => rank(a) - rank(b));
}

function idOf(url: unknown): string | undefined {
  const end = typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : '';
  return /^[A-Za-z0-9\-.]{1,64}$/.test(end) ? end : undefined;
}

function behindTheirBases(resources: readonly Resource[]): Resource[] {
  const byUrl = new Map(resources.map((resource) => [resource.url, resource]));
  const placed = new Set<Resource>();
  const place = (resource: Resource, under: number): void => {
    if (placed.has(resource)) return;
    const base = byUrl.get(resource.baseDefinition);
    if (base && resource.baseDefinition !== undefined && under < 50) place(base, under + 1);
    placed.add(resource);
  };
  for (const resource of resources) place(resource, 0);
  return [...placed];
}

/** The transaction that installs definitions: each under its id, all or none. */
export function installationOf(definitions: readonly Resource[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: definitions.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  };
}
