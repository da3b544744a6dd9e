import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';

/** The values of an extension, one for each time that it is there. */
export function extensionValues(parent: Element, url: string, value: string): string[] {
  return elements(parent, 'extension')
    .filter((extension) => extension.url === url)
    .map((extension) => string(extension, value))
    .filter((text) => text !== undefined);
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
