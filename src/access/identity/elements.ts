import { type Coding, type Element, isElement, type Resource } from '../../fhir/resource.ts';

/** The elements that a member holds, whether it repeats or not. */
export function elements(parent: Element | undefined, member: string): Element[] {
  const value = parent?.[member];
  return (Array.isArray(value) ? value : [value]).filter(isElement);
}

/** The string that a member holds, or undefined. */
export function string(parent: Element | undefined, member: string): string | undefined {
  const value = parent?.[member];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an extension, one for each time that it is there. */
export function extensionValues(parent: Element, url: string, value: string): string[] {
  return elements(parent, 'extension')
    .filter((extension) => extension.url === url)
    .map((extension) => string(extension, value))
    .filter((text) => text !== undefined);
}

/** All codings of the CodeableConcepts that a member holds. */
export function codings(parent: Element, member: string): Coding[] {
  return elements(parent, member).flatMap((concept) => elements(concept, 'coding') as Coding[]);
}

/** The local reference (`Type/id`) that a member holds, or undefined. */
export function localReference(parent: Element, member: string, type: string): string | undefined {
  const reference = string(elements(parent, member)[0], 'reference');
  return reference && new RegExp(`^${type}/[A-Za-z0-9\\-.]{1,64}$`).test(reference) ? reference : undefined;
}

/** Whether a resource is in use: not marked inactive. */
export function isActive(resource: Resource): boolean {
  return resource.active !== false;
}
