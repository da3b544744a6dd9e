import { type Coding, type Element, isElement } from './resource.ts';

/** The elements that a member holds, whether it repeats or not; what is no element is left out. */
export function elements(parent: Element | null | undefined, member: string): Element[] {
  const value = parent?.[member];
  if (Array.isArray(value)) return value.filter(isElement);
  return isElement(value) ? [value] : [];
}

/** The string that a member holds, or undefined. */
export function string(parent: Element | null | undefined, member: string): string | undefined {
  const value = parent?.[member];
  return typeof value === 'string' ? value : undefined;
}

/** All codings of the CodeableConcepts that a member holds. */
export function codings(parent: Element | null | undefined, member: string): Coding[] {
  return elements(parent, member).flatMap((concept) => elements(concept, 'coding') as Coding[]);
}

/** The codes of one system among the CodeableConcepts that a member holds. */
export function codesOf(parent: Element | null | undefined, member: string, system: string): string[] {
  return codings(parent, member)
    .filter((coding) => coding.system === system)
    .flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
}

/** The first extension with this URL. */
export function extension(parent: Element | null | undefined, url: string): Element | undefined {
  return elements(parent, 'extension').find((each) => each.url === url);
}
