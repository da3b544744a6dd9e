import { isElement } from '../resource.ts';
import { findings } from './findings/findings.ts';
import { noteLocalReference } from './references.ts';
import type { Visit } from './visit.ts';

/** Where a link or an image of a narrative leads to. */
export interface Link {
  element: string;
  target: string;
}

/** Schemes that name something without saying where it is. A UUID or OID can be the `fullUrl` of an entry beside it. */
const names = /^(?:urn(?!:(?:uuid|oid):)|cid):/i;

/**
 * Checks where the links of a narrative lead to (http://hl7.org/fhir/R4/narrative.html#id): `#id` is an anchor in it, the
 * id of an element, or a resource that is contained. An image that is not there is a warning, since an example of R4 has
 * one.
 */
export function checkLinks(links: readonly Link[], anchors: ReadonlySet<string>, visit: Visit): void {
  const { report } = visit;
  let ids: Set<string> | undefined;
  for (const { element, target } of links) {
    if (target === '' || names.test(target)) report.add(findings.narrativeLink, [target], target);
    if (!target.startsWith('#')) continue;
    noteLocalReference(target, visit);
    const id = target.slice(1);
    if (id === '' || anchors.has(id)) continue;
    ids ??= idsIn(visit.root);
    if (!ids.has(id))
      report.add(element === 'a' ? findings.narrativeLink : findings.narrativeImage, [target], target);
  }
}

/** Deeper elements are refused by the walk. */
const deepest = 200;

/** The ids of a resource's elements, of what it contains, and of the anchors in their narratives. */
function idsIn(resource: unknown): Set<string> {
  const ids = new Set<string>();
  const visit = (value: unknown, depth: number): void => {
    if (depth > deepest) return;
    if (Array.isArray(value)) for (const each of value) visit(each, depth + 1);
    else if (isElement(value)) {
      if (typeof value.id === 'string') ids.add(value.id);
      for (const name in value) visit(value[name], depth + 1);
    }
  };
  visit(resource, 0);
  return ids;
}
