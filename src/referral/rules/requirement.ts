import { elements, string } from '../../fhir/elements.ts';
import { type Element, isElement } from '../../fhir/resource.ts';
import { ActionProblem } from './problem.ts';
import type { Requirement } from './rule.ts';

/**
 * Compiles a DataRequirement (http://hl7.org/fhir/R4/metadatatypes.html#DataRequirement) to plain code: the type, and
 * for every codeFilter a path and the codes of which the element there has at least one. Throws an ActionProblem when it
 * asks for what is not understood, because a filter that is passed over would silence a rule or widen it.
 */
export function compileRequirement(requirement: Element): Requirement {
  const type = string(requirement, 'type');
  if (type === undefined)
    throw new ActionProblem('input', { zh: 'input 没有类型', en: 'a DataRequirement without a type' });
  const filters = elements(requirement, 'codeFilter').map(compileFilter);
  return { type, matches: (resource) => filters.every((filter) => filter(resource)) };
}

function compileFilter(filter: Element): (resource: Element) => boolean {
  const path = string(filter, 'path');
  const codings = elements(filter, 'code');
  if (path === undefined || codings.length === 0)
    throw new ActionProblem('input', {
      zh: 'codeFilter 须有 path 和至少一个 code',
      en: 'a codeFilter must have a path and at least one code',
    });
  const steps = path.split('.');
  const wanted = new Set(codings.map((coding) => keyOf(string(coding, 'system'), string(coding, 'code'))));
  const isWanted = (coding: Element) =>
    wanted.has(keyOf(undefined, string(coding, 'code'))) ||
    wanted.has(keyOf(string(coding, 'system'), string(coding, 'code')));
  return (resource) => valuesAt(resource, steps).some((value) => codingsIn(value).some(isWanted));
}

function keyOf(system: string | undefined, code: string | undefined): string {
  return `${system ?? ''}|${code ?? ''}`;
}

function valuesAt(resource: Element, steps: readonly string[]): unknown[] {
  let values: unknown[] = [resource];
  for (const step of steps)
    values = values.flatMap((value) => (isElement(value) && value[step] !== undefined ? value[step] : []));
  return values;
}

/** A code, a Coding or a CodeableConcept as a list of codings. */
function codingsIn(value: unknown): Element[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isElement(value)) return [];
  return value.coding === undefined ? [value] : elements(value, 'coding');
}
