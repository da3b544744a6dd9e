import type { Definitions } from '../definitions/definitions.ts';
import { type Element, isElement, isResource, type Resource } from '../resource.ts';
import {
  type ElementType,
  type StructureDefinition,
  typeOfCanonical,
} from '../snapshots/element-definition.ts';
import { findings } from './findings/findings.ts';
import type { Check, Visit } from './visit.ts';

const literal =
  /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;

/**
 * The check that a reference is to a type that its element allows (http://hl7.org/fhir/R4/references.html), or
 * undefined where any type is allowed. A resource at hand, contained or in the same bundle, must be of such a type.
 * So must be what the reference says of it by its `type`. What only its text tells is a warning, since examples of the specification itself break it;
 * `strict` makes it an error.
 */
export function compileTargets(
  { code, targetProfile }: ElementType,
  definitions: Definitions,
  strict = false,
): Check | undefined {
  if (code !== 'Reference') return undefined;
  const allowed = new Set((targetProfile ?? []).map((url) => targetType(url, definitions)));
  const anyType = allowed.size === 0 || allowed.has('Resource') || allowed.has(undefined);
  const types: ReadonlySet<string> = new Set(definitions.resourceTypes);
  const byText = strict ? findings.referenceTarget : findings.unverifiedTarget;
  return (value, visit) => {
    if (!isElement(value)) return;
    if (typeof value.reference === 'string' && /\s/.test(value.reference)) {
      visit.report.add(findings.referenceFormat, [], value.reference);
    } else if (typeof value.reference === 'string') checkForm(value.reference, types, visit);
    const stated = typeof value.type === 'string' ? (typeOfCanonical(value.type) ?? value.type) : undefined;
    const resource = resolveReference(value, visit);
    const found = resource?.resourceType ?? typeInText(value);
    if (found && stated && found !== stated) {
      visit.report.add(findings.referenceType, [found, stated], value.reference);
    }
    if (anyType) return;
    const said = value.reference !== undefined && !resource ? stated : undefined;
    if (said && !allowed.has(said)) {
      visit.report.add(findings.referenceTarget, [said, [...allowed].join(', ')], value.reference);
      return;
    }
    const target = found ?? stated;
    if (target && types.has(target) && !allowed.has(target)) {
      const kind = resource ? findings.referenceTarget : byText;
      visit.report.add(kind, [target, [...allowed].join(', ')], value.reference);
    }
  };
}

/**
 * The check that a canonical URL is not that of a definition at hand which is of another type than the element asks for
 * (http://hl7.org/fhir/R4/references.html#canonical), or undefined where any type is allowed.
 */
export function compileCanonicalTargets(
  { code, targetProfile }: ElementType,
  definitions: Definitions,
): Check | undefined {
  if (code !== 'canonical') return undefined;
  const allowed = new Set((targetProfile ?? []).map((url) => targetType(url, definitions)));
  if (allowed.size === 0 || allowed.has('Resource') || allowed.has(undefined)) return undefined;
  return (value, { report }) => {
    const url = String(value).split('|', 1)[0]!;
    if ([...allowed].some((type) => definitions.find(type!, url))) return;
    const other = canonicalTypes.find((type) => definitions.find(type, url));
    if (other) report.add(findings.canonicalTarget, [other, [...allowed].join(', ')], url);
  };
}

/** The types of the definitions that are at hand. */
const canonicalTypes = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
  'OperationDefinition',
  'PlanDefinition',
  'Questionnaire',
];

const bare = /^[A-Za-z0-9\-.]{1,64}$/;
const relative = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/;

/** A relative reference is a type and an id (http://hl7.org/fhir/R4/references.html#literal). */
function checkForm(reference: string, types: ReadonlySet<string>, { report, bundle }: Visit): void {
  // In a bundle, where references are resolved, it cannot be.
  const severity = bundle ? 'error' : findings.bareReference.severity;
  if (bare.test(reference)) report.add({ ...findings.bareReference, severity }, [reference], reference);
  const type = relative.exec(reference)?.[1];
  if (type !== undefined && !types.has(type)) report.add(findings.referenceToUnknownType, [type], reference);
}

function targetType(url: string, definitions: Definitions): string | undefined {
  return typeOfCanonical(url) ?? definitions.find<StructureDefinition>('StructureDefinition', url)?.type;
}

/** The type that a reference leads to: that of the resource if it is at hand, else by the text of the reference. */
export function typeReferredTo(reference: unknown, visit: Visit): string | undefined {
  if (!isElement(reference)) return undefined;
  return resolveReference(reference, visit)?.resourceType ?? typeInText(reference);
}

function typeInText({ reference }: Element): string | undefined {
  return typeof reference === 'string' ? literal.exec(reference)?.[1] : undefined;
}

/** The resource that a Reference leads to, if it is contained in the same resource or stands in the same bundle. */
export function resolveReference(reference: unknown, visit: Visit): Resource | undefined {
  return isElement(reference) && typeof reference.reference === 'string'
    ? resolveWithin(reference.reference, visit)
    : undefined;
}

/** The same for the text of a reference. */
export function resolveWithin(reference: string, visit: Visit): Resource | undefined {
  if (!reference.startsWith('#')) return visit.bundle?.resolve(reference, visit.root)[0]?.resource;
  const id = reference.slice(1);
  return id === '' ? visit.root : containedById(visit).get(id);
}

/**
 * Notes a reference to a contained resource, and says whether there is one (ref-1); `#` alone means the container. Other
 * references are right.
 */
export function checkLocalReference(reference: unknown, visit: Visit): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return true;
  noteLocalReference(reference, visit);
  return resolveWithin(reference, visit) !== undefined;
}

/** Notes a URI that may lead to a contained resource. */
export function noteLocalReference(uri: string, visit: Visit): void {
  visit.localReferences.push({ id: uri.slice(1), from: visit.resource });
}

/** The resources that the present root contains, by id; the first one where an id occurs twice. */
export function containedById(visit: Visit): ReadonlyMap<unknown, Resource> {
  if (!visit.contained) {
    const { contained } = visit.root;
    const resources = Array.isArray(contained) ? contained.filter(isResource) : [];
    visit.contained = new Map(resources.reverse().map((resource) => [resource.id, resource]));
  }
  return visit.contained;
}
