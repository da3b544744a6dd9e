import { type Element, isElement } from '../../resource.ts';
import type { Visit } from '../visit.ts';

/** The elements of a list, each with its index; what is no element is left out, since the walk reports it. */
export function elementsOf(value: unknown): { element: Element; index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((element, index) => (isElement(element) ? [{ element, index }] : []));
}

/** A member that is text, or undefined. */
export function textOf(element: Element, name: string): string | undefined {
  const value = element[name];
  return typeof value === 'string' ? value : undefined;
}

/** Does something at a place under the present one, given as names and indexes. */
export function at(
  visit: Visit,
  steps: readonly (readonly [name: string, index?: number])[],
  work: () => void,
): void {
  for (const [name, index] of steps) visit.place.enter(name, index);
  work();
  for (let step = 0; step < steps.length; step++) visit.place.leave();
}
