import { isElement, type Resource } from '../resource.ts';
import { findings } from './findings.ts';
import { containedIn } from './references.ts';
import type { Visit } from './visit.ts';

/** Checks a contained resource by itself: what it cannot have (http://hl7.org/fhir/R4/domainresource.html#invs). */
export function checkContained(resource: Resource, visit: Visit): void {
  const { report } = visit;
  if (resource.id === undefined) report.add(findings.containedWithoutId);
  if (resource.contained !== undefined) report.add(findings.nestedContained);
  const { meta } = resource;
  if (!isElement(meta)) return;
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined) report.add(findings.containedVersion);
  if (meta.security !== undefined) report.add(findings.containedSecurity);
}

/**
 * Checks the references between a resource and those contained in it, once both have been walked: each local
 * reference leads somewhere (ref-1), and each contained resource is referred to, or refers to its container (dom-3).
 */
export function checkContainment(root: Resource, visit: Visit): void {
  const contained = containedIn(root);
  if (contained.length === 0) return;
  const { place, report, localReferences } = visit;
  const referredTo = new Set(localReferences.map(({ id }) => id));
  const referring = new Set(localReferences.filter(({ id }) => id === '').map(({ from }) => from));
  const ids = new Set<string>();
  for (const [index, resource] of (root.contained as unknown[]).entries()) {
    if (!isElement(resource) || typeof resource.id !== 'string') continue;
    place.enter('contained', index);
    if (ids.has(resource.id)) report.add(findings.duplicateContainedId, [resource.id]);
    else if (!referredTo.has(resource.id) && !referring.has(resource as Resource)) {
      report.add(findings.orphanContained, [resource.id]);
    }
    place.leave();
    ids.add(resource.id);
  }
}
