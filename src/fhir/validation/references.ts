import type { Definitions } from '../definitions/definitions.ts';
import { type Element, isElement, isResource, type Resource } from '../resource.ts';
import { type ElementType, type StructureDefinition, typeOfCanonical } from './element-definition.ts';
import { findings } from './findings.ts';
import type { Check, Visit } from './visit.ts';

const literal =
  /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;

/**
 * The check that a reference is to a type that its element allows (http://hl7.org/fhir/R4/references.html), or
 * undefined where any type is allowed. The type is known from the reference's own text, from `Reference.type`, or
 * from the resource itself when it is contained or in the same bundle.
 */
export function compileTargets(type: ElementType, definitions: Definitions): Check | undefined {
  if (type.code !== 'Reference') return undefined;
  const allowed = new Set((type.targetProfile ?? []).map((url) => targetType(url, definitions)));
  const anyType = allowed.size === 0 || allowed.has('Resource') || allowed.has(undefined);
  const types = new Set(definitions.resourceTypes);
  return (value, visit) => {
    if (!isElement(value)) return;
    const stated = typeof value.type === 'string' ? (typeOfCanonical(value.type) ?? value.type) : undefined;
    const found = typeof value.reference === 'string' ? typeReferredTo(value, visit) : undefined;
    if (found && stated && found !== stated)
      visit.report.add(findings.referenceType, [found, stated], value.reference);
    const target = found ?? (stated && types.has(stated) ? stated : undefined);
    if (target && !anyType && !allowed.has(target)) {
      visit.report.add(findings.referenceTarget, [target, [...allowed].join(', ')], value.reference);
    }
  };
}

function targetType(url: string, definitions: Definitions): string | undefined {
  return typeOfCanonical(url) ?? definitions.find<StructureDefinition>('StructureDefinition', url)?.type;
}

/** The type that a reference leads to by its text, or by the resource there if that is contained or in the bundle. */
export function typeReferredTo(reference: unknown, visit: Visit): string | undefined {
  if (!isElement(reference) || typeof reference.reference !== 'string') return undefined;
  return resolveWithin(reference.reference, visit)?.resourceType ?? literal.exec(reference.reference)?.[1];
}

/** The resource that a reference leads to, if it is contained in the same resource or stands in the same bundle. */
export function resolveWithin(reference: string, visit: Visit): Resource | undefined {
  if (reference.startsWith('#')) {
    const id = reference.slice(1);
    return id === '' ? visit.root : containedIn(visit.root).find((resource) => resource.id === id);
  }
  return undefined;
}

/**
 * Notes a reference to a contained resource, and checks that there is one (ref-1). `#` alone means the container.
 */
export function checkLocalReference(reference: unknown, visit: Visit): void {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return;
  noteLocalReference(reference, visit);
  if (!resolveWithin(reference, visit))
    visit.report.add(findings.notContained, [reference.slice(1)], reference);
}

/** Notes a URI that may lead to a contained resource. */
export function noteLocalReference(uri: string, visit: Visit): void {
  visit.localReferences.push({ id: uri.slice(1), from: visit.resource });
}

/** The contained resources of a resource that are resources. */
export function containedIn({ contained }: Element): Resource[] {
  return Array.isArray(contained) ? contained.filter(isResource) : [];
}
