import { compile, type Expression } from '../fhirpath/compile.ts';
import { type Element, isElement, type Resource } from '../resource.ts';
import type { Elements } from './elements.ts';

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

/** A step from an element to a member of it. */
interface Step {
  property: string;
  conditions: Expression[];
  index: number | undefined;
}

/** A path without choices: one sequence of members, and the type of what stands at its end. */
interface Chain {
  steps: readonly Step[];
  type: string;
  system?: string | undefined;
}

/**
 * Compiles one operand of a search expression (no `|` outside of parentheses) for focuses of a type.
 *
 * Almost all expressions of search parameters are paths with `ofType()`, `as`, `where()` and `extension()`: these are
 * compiled into chains of members whose types are known from the definitions. What is more than that is left to the
 * FHIRPath engine, and its values' types are told by their shape. Throws a SyntaxError when it is not FHIRPath.
 */
export function compilePath(expression: string, focus: string, elements: Elements): Path {
  const parser = new PathParser(expression, focus, elements);
  const chains = parser.parse();
  return chains ? typedPath(chains, parser.targets) : untypedPath(bounded(expression, focus));
}

/** Steps of evaluation that one expression may take on one resource: expressions may come from strangers. */
const mostSteps = 200_000;

/**
 * A FHIRPath expression as far as it can be evaluated: what a resource has that is beyond its bounds, or that makes no
 * sense to it, is not found by it, but does not keep the resource from being stored.
 */
function bounded(expression: string, type: string): Expression {
  const evaluate = compile(expression, { type, steps: mostSteps });
  return (focus, environment) => {
    try {
      return evaluate(focus, environment);
    } catch {
      return [];
    }
  };
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

/** Reads the part of FHIRPath that typed chains can follow; gives up (undefined) on all else. */
class PathParser {
  targets: string[] | undefined;
  private at = 0;
  private readonly text: string;
  private readonly focus: string;
  private readonly elements: Elements;

  constructor(text: string, focus: string, elements: Elements) {
    this.text = text;
    this.focus = focus;
    this.elements = elements;
  }

  parse(): Chain[] | undefined {
    const chains = this.path();
    return chains && this.at === this.text.length ? chains : undefined;
  }

  private path(): Chain[] | undefined {
    let chains = this.first();
    while (chains) {
      if (this.eat(/^\[(\d+)\]/)) chains = this.indexed(chains, Number(this.eaten));
      else if (this.eat(/^\s+as\s+([A-Za-z]+)/)) chains = ofType(chains, this.eaten);
      else if (this.eat(/^\.(ofType|as)\(\s*([A-Za-z]+)\s*\)/)) chains = ofType(chains, this.eaten);
      else if (this.eat(/^\.extension\(\s*'([^']*)'\s*\)/))
        chains = this.filtered(this.child(chains, 'extension'), `url = '${this.eaten}'`);
      else if (this.eat(/^\.where\(/)) {
        const criteria = this.criteria();
        this.targets = resolvedTypes(criteria);
        if (!this.targets) chains = this.filtered(chains, criteria);
      } else if (this.eat(/^\.([A-Za-z]\w*)(?!\w*\()/)) chains = this.child(chains, this.eaten);
      else break;
    }
    return chains;
  }

  private first(): Chain[] | undefined {
    if (this.eat(/^\(/)) {
      const inner = this.path();
      return inner && this.eat(/^\)/) ? inner : undefined;
    }
    const start: Chain[] = [{ steps: [], type: this.focus }];
    if (this.eat(/^extension\(\s*'([^']*)'\s*\)/))
      return this.filtered(this.child(start, 'extension'), `url = '${this.eaten}'`);
    if (!this.eat(/^([A-Za-z]\w*)(?!\w*\()/)) return undefined;
    const isType = /^[A-Z]/.test(this.eaten);
    return isType ? start : this.child(start, this.eaten);
  }

  /** The last group of the match that was taken. */
  private eaten = '';

  private eat(pattern: RegExp): boolean {
    const match = pattern.exec(this.text.slice(this.at));
    if (!match) return false;
    this.at += match[0].length;
    this.eaten = match.at(-1)!;
    return true;
  }

  /** What stands in the parentheses that have just been opened. */
  private criteria(): string {
    const start = this.at;
    let depth = 1;
    let quoted = false;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === "'") quoted = !quoted;
      else if (!quoted && char === '(') depth++;
      else if (!quoted && char === ')' && --depth === 0) return this.text.slice(start, this.at++);
    }
    return this.text.slice(start);
  }

  private child(chains: readonly Chain[], name: string): Chain[] | undefined {
    const next = chains.flatMap((chain) =>
      this.elements.forms(chain.type, name).map(({ property, type, system }) => ({
        steps: [...chain.steps, { property, conditions: [], index: undefined }],
        type,
        system,
      })),
    );
    return next.length > 0 ? next : undefined;
  }

  private filtered(chains: readonly Chain[] | undefined, criteria: string): Chain[] | undefined {
    if (criteria.includes('%') || criteria.includes('resolve(')) return undefined;
    if (!chains?.every((chain) => chain.steps.length > 0)) return undefined;
    return chains.map((chain) =>
      changeLast(chain, (step) => ({
        ...step,
        conditions: [...step.conditions, bounded(criteria, chain.type)],
      })),
    );
  }

  private indexed(chains: readonly Chain[], index: number): Chain[] | undefined {
    if (!chains.every((chain) => chain.steps.length > 0)) return undefined;
    return chains.map((chain) => changeLast(chain, (step) => ({ ...step, index })));
  }
}

/** The types of `resolve() is Patient or resolve() is Group`: references are told apart without following them. */
function resolvedTypes(criteria: string): string[] | undefined {
  const types = criteria
    .split(/\s+or\s+/)
    .map((test) => /^\s*resolve\(\)\s+is\s+([A-Za-z]+)\s*$/.exec(test)?.[1]);
  return types.every((type) => type !== undefined) ? types : undefined;
}

function ofType(chains: readonly Chain[], type: string): Chain[] | undefined {
  // Some definitions write `DateTime` for the primitive `dateTime`.
  const wanted = type.toLowerCase();
  const kept = chains.filter((chain) => chain.type.toLowerCase() === wanted);
  return kept.length > 0 ? kept : undefined;
}

function changeLast(chain: Chain, change: (step: Step) => Step): Chain {
  return { ...chain, steps: chain.steps.with(-1, change(chain.steps.at(-1)!)) };
}

/** The operands of the unions (`|`) of an expression, those in parentheses or quotes left whole. */
export function operands(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at];
    if (char === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    else if (char === '|' && depth === 0) {
      parts.push(expression.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(expression.slice(start).trim());
  return parts;
}
