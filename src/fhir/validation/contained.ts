import { isElement, type Resource } from '../resource.ts';
import { findings } from './findings/findings.ts';
import type { Visit } from './visit.ts';

/**
 * Checks the resources that a resource contains (http://hl7.org/fhir/R4/domainresource.html#invs), once all have been
 * walked: what they cannot have (dom-2, dom-4, dom-5), that each has its own id, and that each is referred to or
 * refers to its container (dom-3).
 */
export function checkContained(root: Resource, visit: Visit): void {
  const { place, report, localReferences } = visit;
  const referredTo = new Set(localReferences.map(({ id }) => id));
  const referring = new Set(localReferences.filter(({ id }) => id === '').map(({ from }) => from));
  const ids = new Set<string>();
  const list = Array.isArray(root.contained) ? root.contained : [];
  for (const [index, resource] of list.entries()) {
    if (!isElement(resource)) continue;
    checkLimits(resource as Resource, visit);
    const { id } = resource;
    place.enter('contained', index);
    if (typeof id !== 'string') report.add(findings.containedWithoutId);
    else if (ids.has(id)) report.add(findings.duplicateContainedId, [id]);
    else if (!referredTo.has(id) && !referring.has(resource as Resource)) {
      report.add(findings.orphanContained, [id]);
    }
    place.leave();
    if (typeof id === 'string') ids.add(id);
  }
}

/** These are rules about the container, so it is the place of what breaks them. */
function checkLimits({ contained, meta }: Resource, { report }: Visit): void {
  if (contained !== undefined) report.add(findings.nestedContained);
  if (!isElement(meta)) return;
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined) report.add(findings.containedVersion);
  if (meta.security !== undefined) report.add(findings.containedSecurity);
}
