import { isElement, type Resource } from '../fhir/resource.ts';
import type { Elements } from '../fhir/search/elements.ts';

/** Gives the new text of a link, or undefined to leave it. */
export type Rewrite = (link: string, kind: 'reference' | 'uri') => string | undefined;

/** Without `canonical`, which is "not" rewritten: it names a definition wherever that is kept. */
const uriTypes = new Set(['uri', 'url', 'oid', 'uuid']);

/** `href` and `src` of an XHTML text, up to their value in quotes. */
const narrativeLink = /(\b(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/g;

/**
 * Rewrites the links of a resource: "resource references, elements of type uri, url, oid, uuid, and `<a href="" &
 * <img src=""` in the narrative" (http://hl7.org/fhir/R4/http.html#trules). What type an element has, the definitions
 * say; so the values of identifiers, which are strings, stay. What does not change is shared with the original.
 */
export function rewriteLinks(elements: Elements, resource: Resource, rewrite: Rewrite): Resource {
  return rewriteValue('Resource', resource) as Resource;

  function rewriteValue(type: string, value: unknown): unknown {
    if (typeof value === 'string') return uriTypes.has(type) ? (rewrite(value, 'uri') ?? value) : value;
    if (Array.isArray(value)) return rewriteItems(type, value);
    if (!isElement(value)) return value;
    const stated = typeof value.resourceType === 'string' ? value.resourceType : type;
    const members = elements.members(stated);
    let copy: Record<string, unknown> | undefined;
    for (const name in value) {
      const before = value[name];
      const after = rewriteMember(stated, name, members.get(name)?.type, before);
      if (after === before) continue;
      copy ??= { ...value };
      copy[name] = after;
    }
    return copy ?? value;
  }

  function rewriteMember(owner: string, name: string, type: string | undefined, value: unknown): unknown {
    // What stands beside a primitive element has no definition of its own: it holds its id and extensions.
    if (name.startsWith('_')) return rewriteValue('Element', value);
    if (type === undefined) return value;
    if (typeof value !== 'string') return rewriteValue(type, value);
    if (type === 'xhtml') return rewriteNarrative(value);
    if (owner === 'Reference' && name === 'reference') return rewrite(value, 'reference') ?? value;
    return rewriteValue(type, value);
  }

  function rewriteItems(type: string, items: readonly unknown[]): readonly unknown[] {
    const rewritten = items.map((item) => rewriteValue(type, item));
    return rewritten.some((item, index) => item !== items[index]) ? rewritten : items;
  }

  function rewriteNarrative(div: string): string {
    return div.replace(narrativeLink, (all, attribute: string, quoted: string) => {
      const target = rewrite(quoted.slice(1, -1), 'uri');
      return target === undefined ? all : `${attribute}${quoted[0]}${target}${quoted[0]}`;
    });
  }
}
