import type { Environment } from '../fhirpath/compile.ts';
import { type Element, isResource, type Resource } from '../resource.ts';
import type { BundleEntries } from './bundle-entries.ts';
import { Place } from './place.ts';
import type { Profile } from './profile/rules.ts';
import { Report } from './report.ts';
import type { Member, Shapes } from './shapes.ts';

/** One validation in progress: where it is, what it has found, and what the rules look at around an element. */
export interface Visit {
  readonly place: Place;
  readonly report: Report;
  readonly bounds: Bounds;
  /** The resource that the present element belongs to: FHIRPath's `%resource`. */
  resource: Resource;
  /** The same, or the resource that it is contained in: FHIRPath's `%rootResource`. */
  root: Resource;
  /** The variables of FHIRPath rules, made when the first rule asks. */
  environment: Environment | undefined;
  /** The element that holds the present one, and the member that it is; undefined for the resource itself. */
  holder: Element | undefined;
  holderMember: Member | undefined;
  /** What was referred to by `#id`, and from which resource: the root, or one contained in it. */
  localReferences: { id: string; from: Resource }[];
  /** The entries of the bundle around the present resource. */
  bundle: BundleEntries | undefined;
  /** Which values follow which profiles, as far as that has been asked. */
  readonly verdicts: Map<unknown, Map<Profile, boolean>>;
  /** The shapes of the base definitions. */
  readonly shapes: Shapes;
  /** What is done with each resource once its structure has been walked. */
  readonly afterResource: ((resource: Resource, visit: Visit) => void) | undefined;
}

/** Bounds of one validation. */
export interface Bounds {
  /** How deep elements may be nested. */
  readonly maxDepth: number;
  /** How many errors are reported, and how many warnings. */
  readonly maxIssues: number;
}

/** Starts a validation of a resource. */
export function startVisit(
  resource: Resource,
  bounds: Bounds,
  shapes: Shapes,
  afterResource?: Visit['afterResource'],
): Visit {
  const place = new Place();
  return {
    place,
    report: new Report(place, bounds.maxIssues),
    bounds,
    resource,
    root: resource,
    environment: undefined,
    holder: undefined,
    holderMember: undefined,
    localReferences: [],
    bundle: undefined,
    verdicts: new Map(),
    shapes,
    afterResource,
  };
}

/** A trial beside a visit: whether a value, or a resource that is referred to, follows a rule. Nothing is reported. */
export function visitAgain(visit: Visit, value: unknown): Visit {
  const place = new Place();
  const trial = { ...visit, place, report: new Report(place, 1) };
  if (isResource(value)) enterResource(trial, value);
  return trial;
}

/** The same visit with a report of its own, for issues that are weighed before they are taken over. */
export function visitBeside(visit: Visit): Visit {
  return { ...visit, report: new Report(visit.place, visit.bounds.maxIssues) };
}

/** Goes into a resource within the present one; gives what brings the visit back. */
export function enterResource(visit: Visit, resource: Resource): () => void {
  const { resource: outer, root, environment, localReferences, holder, holderMember } = visit;
  visit.resource = resource;
  if (!isContainedIn(visit.root, resource)) {
    visit.root = resource;
    visit.localReferences = [];
  }
  visit.environment = undefined;
  visit.holder = undefined;
  visit.holderMember = undefined;
  return () => {
    Object.assign(visit, { resource: outer, root, environment, localReferences, holder, holderMember });
  };
}

function isContainedIn({ contained }: Resource, resource: Resource): boolean {
  return Array.isArray(contained) && contained.includes(resource);
}

/** The FHIRPath variables of the place: `%resource` and `%rootResource`. */
export function environmentOf(visit: Visit): Environment {
  visit.environment ??= { resource: visit.resource, rootResource: visit.root };
  return visit.environment;
}

/** A rule about an element that stands where the visit is. */
export type Check = (value: unknown, visit: Visit) => void;
