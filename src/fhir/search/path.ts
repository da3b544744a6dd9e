import type { Expression } from '../fhirpath/compile.ts';
import { type Element, isElement, type Resource } from '../resource.ts';
import { boundedExpression } from './bounded-expression.ts';
import type { Elements } from './elements.ts';
import { type Chain, parsePath, type Step } from './path-syntax.ts';

/** A value that a search parameter's expression gives, with its FHIR type. */
export interface TypedValue {
  value: unknown;
  type: string;
  /** The code system of a `code`. */
  system?: string | undefined;
  /** The member that the value stands in, when that is known. */
  property?: string | undefined;
}

/** A search expression, compiled for one type of resource. */
export interface Path {
  /** The FHIR types that its values can have; undefined when that is not known before they are seen. */
  readonly types: ReadonlySet<string> | undefined;
  /** References are kept only when they lead to one of these resource types; undefined: all of them. */
  readonly targets: readonly string[] | undefined;
  /** Hands every value to `take`, in document order for each form of a choice. */
  read(root: Element, resource: Resource, take: (value: TypedValue) => void): void;
}

/**
 * Compiles one operand of a search expression (no `|` outside of parentheses) for focuses of a type.
 *
 * Almost all expressions of search parameters are paths with `ofType()`, `as`, `where()` and `extension()`: these are
 * compiled into chains of members whose types are known from the definitions. What is more than that is left to the
 * FHIRPath engine, and its values' types are told by their shape. Throws a SyntaxError when it is not FHIRPath.
 */
export function compilePath(expression: string, focus: string, elements: Elements): Path {
  const path = parsePath(expression, focus, elements);
  return path ? typedPath(path.chains, path.targets) : untypedPath(boundedExpression(expression, focus));
}

function typedPath(chains: readonly Chain[], targets: readonly string[] | undefined): Path {
  return {
    types: new Set(chains.map((chain) => chain.type)),
    targets,
    read(root, _resource, take) {
      for (const chain of chains) {
        const { type, system } = chain;
        const property = chain.steps.at(-1)?.property;
        const give = (value: unknown) => take({ value, type, system, property });
        walk(root, chain.steps, 0, give);
      }
    },
  };
}

/** Depth first along the members; lists are walked in order, absent and null members give nothing. */
function walk(value: unknown, steps: readonly Step[], at: number, give: (value: unknown) => void): void {
  const step = steps[at];
  if (step === undefined) {
    give(value);
    return;
  }
  if (!isElement(value)) return;
  const member = value[step.property];
  if (member === undefined || member === null) return;
  if (!Array.isArray(member) && step.index === undefined && step.conditions.length === 0) {
    walk(member, steps, at + 1, give);
    return;
  }
  let items = Array.isArray(member) ? member : [member];
  for (const condition of step.conditions) items = items.filter((item) => condition(item)[0] === true);
  if (step.index !== undefined) items = items.slice(step.index, step.index + 1);
  for (const item of items) if (item !== null) walk(item, steps, at + 1, give);
}

function untypedPath(evaluate: Expression): Path {
  return {
    types: undefined,
    targets: undefined,
    read(root, resource, take) {
      for (const value of evaluate(root, { resource })) take({ value, type: typeByShape(value) });
    },
  };
}

/** The FHIR type that a value of unknown origin most likely has. */
export function typeByShape(value: unknown): string {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'decimal';
  if (typeof value === 'string') return /^\d{4}(-\d\d(-\d\d(T.*)?)?)?$/.test(value) ? 'dateTime' : 'string';
  if (!isElement(value)) return 'unknown';
  if ('resourceType' in value) return 'Resource';
  if ('coding' in value) return 'CodeableConcept';
  if ('reference' in value) return 'Reference';
  if ('start' in value || 'end' in value) return 'Period';
  if (typeof value.value === 'number') return 'currency' in value ? 'Money' : 'Quantity';
  if ('low' in value || 'high' in value) return 'Range';
  if ('event' in value || 'repeat' in value) return 'Timing';
  if ('family' in value || 'given' in value) return 'HumanName';
  if ('line' in value || 'city' in value) return 'Address';
  if (typeof value.value === 'string') return 'rank' in value ? 'ContactPoint' : 'Identifier';
  if ('code' in value) return 'Coding';
  return 'text' in value ? 'CodeableConcept' : 'unknown';
}
