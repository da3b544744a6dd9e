import type { Expression } from '../fhirpath/compile.ts';
import { boundedExpression } from './bounded-expression.ts';
import type { Elements } from './elements.ts';

/** A step from an element to a member of it. */
export interface Step {
  property: string;
  conditions: Expression[];
  index: number | undefined;
}

/** A path without choices: one sequence of members, and the type of what stands at its end. */
export interface Chain {
  steps: readonly Step[];
  type: string;
  system?: string | undefined;
}

/**
 * The chains of members that an operand of a search expression stands for, and the types that its references must lead
 * to (`where(resolve() is Patient)`). Undefined when it is more than such a path.
 */
export function parsePath(
  expression: string,
  focus: string,
  elements: Elements,
): { chains: readonly Chain[]; targets: readonly string[] | undefined } | undefined {
  const parser = new PathParser(expression, focus, elements);
  const chains = parser.parse();
  return chains && { chains, targets: parser.targets };
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
        conditions: [...step.conditions, boundedExpression(criteria, chain.type)],
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
