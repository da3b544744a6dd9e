import { serviceFunctions } from './functions/services.ts';
import { type Item, type Items, Node, nodeOf, rawOf } from './node.ts';
import { Quantity } from './quantity.ts';
import type { Environment, Scope, Services } from './scope.ts';
import { nameOfFunction, parse, type Syntax } from './syntax.ts';
import { Temporal } from './temporal.ts';
import { translate } from './translate.ts';
import { typeAt, unknownType } from './types.ts';
import { Unsupported } from './unsupported.ts';

export interface CompileOptions {
  /** The type or path of the focus when it is no resource: `Extension`, `Patient.contact`. */
  type?: string | undefined;
  /**
   * For expressions of strangers: at most so many items are visited; long or deep expressions and costly regular
   * expressions are refused, and so is what only fhirpath.js could evaluate, since that cannot be bounded.
   */
  steps?: number | undefined;
  /** What only fhirpath.js could evaluate, or nobody, is refused with a SyntaxError. */
  native?: boolean | undefined;
  /** Whoever evaluates gives `Services`, so that functions that look beyond the data can be called. */
  services?: boolean | undefined;
}

/** An expression that has been translated: gives the items, which know their places. */
export type Evaluation = (focus: unknown, environment: Environment, services?: Services) => Items;

/** What a trusted expression may do on a hostile resource: about a second of work. */
const mostSteps = 20_000_000;

/** Parses and translates an expression. Throws a SyntaxError, or `Unsupported` when it has unknown constructs. */
export function evaluation(expression: string, options: CompileOptions): Evaluation {
  return evaluationOf(parse(expression, options.steps !== undefined), options);
}

/** Translates a syntax tree. Throws `Unsupported` when it has unknown constructs. */
export function evaluationOf(
  syntax: Syntax,
  { type, steps, native, services: served }: CompileOptions,
): Evaluation {
  if ((native || steps !== undefined) && !served && looksBeyond(syntax))
    throw new Unsupported('A function that looks beyond the data');
  const evaluate = translate(syntax);
  const declared = type === undefined ? unknownType : typeAt(type);
  return (focus, environment, services) => {
    const root = [nodeOf(focus, declared)];
    const scope: Scope = {
      root,
      environment,
      variables: new Map(),
      services,
      trusted: steps === undefined,
      index: -1,
      steps: steps ?? mostSteps,
      now: undefined,
    };
    return evaluate(root, scope);
  };
}

/** The JSON of a collection. Nodes without a value, which have only extensions, are left out. */
export function valuesOf(items: Items): unknown[] {
  const values: unknown[] = [];
  for (const item of items) {
    const value = item instanceof Node ? item.value : computed(item);
    if (value !== undefined && value !== null) values.push(value);
  }
  return values;
}

function computed(item: Item): unknown {
  return item instanceof Temporal || item instanceof Quantity ? item.toString() : rawOf(item);
}

/** Whether an expression calls what only some can answer: see `functions/services.ts`. */
function looksBeyond(syntax: Syntax): boolean {
  const name = nameOfFunction(syntax);
  if (name !== undefined && Object.hasOwn(serviceFunctions, name)) return true;
  return (syntax.children ?? []).some(looksBeyond);
}
