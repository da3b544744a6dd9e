import type { Environment, Services } from '../fhirpath/compile.ts';
import type { Element, Resource } from '../resource.ts';
import type { StructureDefinition } from '../snapshots/element-definition.ts';
import type { Generated } from '../snapshots/generate-snapshot.ts';
import type { KnownCodes } from '../terminology/known-codes.ts';
import type { BundleEntries } from './bundle-entries.ts';
import { Place } from './place.ts';
import type { Profile } from './profile/rules.ts';
import { resolveWithin } from './references.ts';
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
  /** The resources that the root contains, by id; made when the first reference asks. */
  contained: Map<unknown, Resource> | undefined;
  /** What was referred to by `#id`, and from which resource: the root, or one contained in it. */
  localReferences: { id: string; from: Resource }[];
  /** The ids of elements of the present resource, as far as they have been met. */
  elementIds: Set<string> | undefined;
  /** The entries of the bundle around the present resource. */
  bundle: BundleEntries | undefined;
  /** Which values follow which profiles, as far as that has been asked. */
  readonly verdicts: Map<unknown, Map<Profile, boolean>>;
  /** The shapes of the base definitions. */
  readonly shapes: Shapes;
  /** What FHIRPath asks of profiles and value sets. */
  readonly judges: Judges;
  /** What tables of the store say of the codes of the resource, where that was asked. */
  readonly codes: KnownCodes | undefined;
  /** What is done with each resource once its structure has been walked. */
  readonly afterResource: ((resource: Resource, visit: Visit) => void) | undefined;
}

/** Answers about profiles and value sets; undefined where they are not known. */
export interface Judges {
  conformsTo(profile: string, value: unknown, type: string, visit: Visit): boolean | undefined;
  /** By the URL of a value set, or by one that is at hand. */
  memberOf(valueSet: string | Element, value: unknown, codes: KnownCodes | undefined): boolean | undefined;
  questionnaire(url: string): Resource | undefined;
  /** What the differential of a profile makes of its base. */
  snapshotOf(profile: Resource): Generated;
  /** The definition of a type or profile. */
  structure(url: string): StructureDefinition | undefined;
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
  judges: Judges,
  codes: KnownCodes | undefined,
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
    contained: undefined,
    holder: undefined,
    holderMember: undefined,
    localReferences: [],
    elementIds: undefined,
    bundle: undefined,
    verdicts: new Map(),
    shapes,
    judges,
    codes,
    afterResource,
  };
}

/** A trial beside a visit: whether a value, or a resource that is referred to, follows a rule. Nothing is reported. */
export function visitAgain(visit: Visit): Visit {
  const place = new Place();
  return { ...visit, place, report: new Report(place, 1) };
}

/** The same visit with a report of its own, for issues that are weighed before they are taken over. */
export function visitBeside(visit: Visit): Visit {
  return { ...visit, report: new Report(visit.place, visit.bounds.maxIssues) };
}

/** Goes into a resource within the present one, be it contained or not; gives what brings the visit back. */
export function enterResource(visit: Visit, resource: Resource, isContained: boolean): () => void {
  const { resource: outer, root, environment, contained, localReferences, holder, holderMember } = visit;
  const { elementIds } = visit;
  visit.resource = resource;
  visit.elementIds = undefined;
  if (!isContained) {
    visit.root = resource;
    visit.contained = undefined;
    visit.localReferences = [];
  }
  visit.environment = undefined;
  visit.holder = undefined;
  visit.holderMember = undefined;
  return () => {
    Object.assign(visit, {
      resource: outer,
      root,
      environment,
      contained,
      localReferences,
      elementIds,
      holder,
      holderMember,
    });
  };
}

/** The FHIRPath variables of the place: `%resource` and `%rootResource`. */
export function environmentOf(visit: Visit): Environment {
  visit.environment ??= { resource: visit.resource, rootResource: visit.root };
  return visit.environment;
}

/** What FHIRPath's functions that look beyond the data find from the place. */
export function servicesOf(visit: Visit): Services {
  return {
    resolve: (reference) => resolveWithin(reference, visit),
    memberOf: (valueSet, value) => visit.judges.memberOf(valueSet, value, visit.codes),
    conformsTo: (profile, value, type) => visit.judges.conformsTo(profile, value, type, visit),
  };
}

/** A rule about an element that stands where the visit is. */
export type Check = (value: unknown, visit: Visit) => void;
