import { type Items, itemsOf, Node } from './node.ts';

/** What FHIRPath's `%name` variables stand for: a value, or a list of values. */
export type Environment = Record<string, unknown>;

/** What FHIR's own functions need beyond the data. Undefined where nobody can tell. */
export interface Services {
  /** The resource that a reference leads to, if it is at hand. */
  resolve(reference: string): unknown;
  /** Whether a coded value is in a value set. */
  memberOf(valueSet: string, value: unknown, type: string): boolean | undefined;
  /** Whether a value follows a profile. */
  conformsTo(profile: string, value: unknown, type: string): boolean | undefined;
}

/** A translated part of an expression. `self` is what `$this` stands for there. */
export type Evaluate = (self: Items, scope: Scope) => Items;

/** The state of one evaluation. */
export interface Scope {
  readonly root: Items;
  readonly environment: Environment;
  readonly variables: Map<string, Items>;
  readonly services: Services | undefined;
  /** Whether the author of the expression is trusted with regular expressions of any kind. */
  readonly trusted: boolean;
  /** `$index`; -1 outside of any iteration. */
  index: number;
  /** How many more items may be visited. */
  steps: number;
  /** The instant that `now()` and `today()` give, the same for the whole evaluation. */
  now: Date | undefined;
}

/** Counts work; throws a RangeError when the evaluation has used up what it was given. */
export function spend(scope: Scope, steps: number): void {
  scope.steps -= steps;
  if (scope.steps < 0) throw new RangeError('The evaluation takes too many steps');
}

/** Counts the making of a text as work, so that no expression grows one without bound. */
export function weighed(text: string, scope: Scope): string {
  spend(scope, text.length >> 4);
  return text;
}

const constants: Record<string, string> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

/**
 * The value of `%name`: what the caller gave, else one of the standard variables
 * (http://hl7.org/fhir/R4/fhirpath.html#variables). Throws a ReferenceError when there is none.
 */
export function variable(name: string, scope: Scope): Items {
  let items = scope.variables.get(name);
  if (!items) {
    items = Object.hasOwn(scope.environment, name) ? itemsOf(scope.environment[name]) : standard(name, scope);
    scope.variables.set(name, items);
  }
  return items;
}

function standard(name: string, scope: Scope): Items {
  if (name === 'context') return scope.root;
  if ((name === 'resource' || name === 'rootResource') && scope.root.every(isResourceNode)) return scope.root;
  if (Object.hasOwn(constants, name)) return [constants[name]!];
  throw new ReferenceError(`There is no variable %${name}`);
}

function isResourceNode(item: unknown): boolean {
  return (
    item instanceof Node &&
    typeof (item.value as { resourceType?: unknown } | null)?.resourceType === 'string'
  );
}
