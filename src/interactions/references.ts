import { isElement } from '../fhir/resource.ts';

/**
 * Rewrites the references of a resource: `rewrite` gets the text of every Reference.reference and of every element of
 * type uri, url, canonical, oid and uuid, and of each href and src of a narrative, and gives the new text or undefined
 * to leave it (http://hl7.org/fhir/R4/http.html#trules). What does not change is shared with the original; identifiers'
 * values are strings and stay, as the specification wants it.
 */
export function rewriteReferences<T>(value: T, rewrite: (reference: string) => string | undefined): T {
  if (Array.isArray(value)) return rewriteArray(value, rewrite) as T;
  if (!isElement(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const name in value) {
    const before = value[name];
    const after = rewriteMember(name, before, rewrite);
    if (after === before) continue;
    copy ??= { ...value };
    copy[name] = after;
  }
  return (copy ?? value) as T;
}

function rewriteArray(
  items: readonly unknown[],
  rewrite: (reference: string) => string | undefined,
): readonly unknown[] {
  const rewritten = items.map((item) => rewriteReferences(item, rewrite));
  return rewritten.some((item, index) => item !== items[index]) ? rewritten : items;
}

/** The members that hold a reference or a URI, by the names that R4 gives them. */
const namesUri = /^reference$|(?:^|[a-z])(?:[Uu]ri|[Uu]rl|[Cc]anonical|[Oo]id|[Uu]uid)$/;

function rewriteMember(
  name: string,
  value: unknown,
  rewrite: (reference: string) => string | undefined,
): unknown {
  if (typeof value !== 'string') return rewriteReferences(value, rewrite);
  if (name === 'div')
    return value.replace(/\b(href|src)="([^"]*)"/g, (all, attribute, link) => {
      const target = rewrite(link);
      return target === undefined ? all : `${attribute}="${target}"`;
    });
  return namesUri.test(name) ? (rewrite(value) ?? value) : value;
}
