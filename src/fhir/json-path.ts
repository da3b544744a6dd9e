import type { Definitions } from './definitions/definitions.ts';
import type { Issue } from './outcome.ts';
import { isElement, type Resource } from './resource.ts';

/**
 * An issue about a resource, with the path of its place in JSON where that has other names than FHIRPath: a choice of
 * types, `value` for `valueQuantity`, and what stands beside a primitive, `birthDate.extension` for
 * `_birthDate.extension`. It is what a programmer can search the message for.
 */
export function withJsonPath(definitions: Definitions, resource: Resource, issue: Issue): Issue {
  const [place] = issue.expression ?? [];
  const json = place === undefined ? undefined : jsonPath(definitions, resource, place);
  return json === undefined ? issue : { ...issue, json };
}

/** The path in JSON of a place such as `Observation.value.code`, from the resource on; undefined where it is the same. */
function jsonPath(definitions: Definitions, resource: Resource, place: string): string | undefined {
  const steps = place.split('.').slice(1);
  let here: unknown = resource;
  let beside: unknown;
  let differs = false;
  const path: string[] = [];
  for (const step of steps) {
    const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    if (name === undefined) return undefined;
    if (!isElement(here) && isElement(beside)) {
      path.push(`_${path.pop()}`);
      differs = true;
      here = beside;
    }
    const own = memberOf(definitions, here, name);
    differs ||= own !== name;
    path.push(index === undefined ? own : `${own}[${index}]`);
    [here, beside] = [own, `_${own}`].map((member) => valueIn(here, member, index));
  }
  return differs ? path.join('.') : undefined;
}

function valueIn(holder: unknown, member: string, index: string | undefined): unknown {
  if (!isElement(holder) || !Object.hasOwn(holder, member)) return undefined;
  const value = holder[member];
  return Array.isArray(value) ? value[Number(index ?? 0)] : value;
}

/** The member of an element that a name of FHIRPath stands for. */
function memberOf(definitions: Definitions, holder: unknown, name: string): string {
  if (!isElement(holder) || Object.hasOwn(holder, name) || Object.hasOwn(holder, `_${name}`)) return name;
  const chosen = Object.keys(holder)
    .map((key) => key.replace(/^_/, ''))
    .find((key) => key.startsWith(name) && isType(definitions, key.slice(name.length)));
  return chosen ?? name;
}

/** Whether the end of a member's name is a type of values: `Quantity`, `DateTime`. */
function isType(definitions: Definitions, end: string): boolean {
  if (!/^[A-Z]/.test(end)) return false;
  return [end, end[0]!.toLowerCase() + end.slice(1)].some((type) => {
    const definition = definitions.find(
      'StructureDefinition',
      `http://hl7.org/fhir/StructureDefinition/${type}`,
    );
    return definition?.kind === 'complex-type' || definition?.kind === 'primitive-type';
  });
}
