import { elements, string } from '../fhir/elements.ts';
import type { Element } from '../fhir/resource.ts';
import { referenceTo } from '../fhir/search/types/reference.ts';

/** A resource of this server, named by type and id. */
export interface Target {
  type: string;
  id: string;
}

const local = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** Reads the references of resources: what leads to this server, by its base URL, without versions. */
export interface References {
  /** What the References that a member holds lead to on this server; those to elsewhere are left out. */
  targets(parent: Element | null | undefined, member: string): Target[];
  /** The first of them, of the given type where one is given. */
  target(parent: Element | null | undefined, member: string, type?: string): Target | undefined;
}

/** The reader of references for a server under this base URL. */
export function createReferences(base?: string): References {
  const targets = (parent: Element | null | undefined, member: string) =>
    elements(parent, member).flatMap((reference) => {
      const literal = string(reference, 'reference');
      const [, type, id] = (literal && local.exec(referenceTo(literal, { base }))) || [];
      return type && id ? [{ type, id }] : [];
    });
  return {
    targets,
    target: (parent, member, type) =>
      targets(parent, member).find((target) => type === undefined || target.type === type),
  };
}

/** `Type/id`. */
export function pathOf({ type, id }: Target): string {
  return `${type}/${id}`;
}

/** True when both name the same resource. */
export function isSame(a: Target | undefined, b: Target | undefined): boolean {
  return a !== undefined && b !== undefined && a.type === b.type && a.id === b.id;
}
