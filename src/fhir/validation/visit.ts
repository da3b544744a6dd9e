import type { Environment } from '../fhirpath/compile.ts';
import type { Element, Resource } from '../resource.ts';
import { Place } from './place.ts';
import { Report } from './report.ts';

/** One validation in progress: where it is, what it has found, and what the rules look at around an element. */
export interface Visit {
  readonly place: Place;
  readonly report: Report;
  readonly maxDepth: number;
  /** The resource that the present element belongs to: FHIRPath's `%resource`. */
  resource: Resource;
  /** The same, or the resource that it is contained in: FHIRPath's `%rootResource`. */
  root: Resource;
  /** The variables of FHIRPath rules, made when the first rule asks. */
  environment: Environment | undefined;
  /** What was referred to by `#id`, and from which contained resource (none: the root itself). */
  localReferences: { id: string; from: Resource }[];
  /** The bundle around the present resource, innermost first. */
  bundle: Element | undefined;
}

/** Bounds of one validation. */
export interface Bounds {
  /** How deep elements may be nested. */
  maxDepth: number;
  /** How many issues are reported. */
  maxIssues: number;
}

/** Starts a validation of a resource. */
export function startVisit(resource: Resource, { maxDepth, maxIssues }: Bounds): Visit {
  const place = new Place();
  return {
    place,
    report: new Report(place, maxIssues),
    maxDepth,
    resource,
    root: resource,
    environment: undefined,
    localReferences: [],
    bundle: undefined,
  };
}

/** The FHIRPath variables of the place: `%resource` and `%rootResource`. */
export function environmentOf(visit: Visit): Environment {
  visit.environment ??= { resource: visit.resource, rootResource: visit.root };
  return visit.environment;
}

/** A rule about an element that stands where the visit is. */
export type Check = (value: unknown, visit: Visit) => void;
