import type { Resource } from '../resource.ts';
import { type Evaluation, evaluationOf } from './evaluation.ts';
import { type Item, Node } from './node.ts';
import { nameOf, parse, type Syntax } from './syntax.ts';
import type { ElementType } from './types.ts';
import { Unsupported } from './unsupported.ts';

/** An element of a resource, and where it stands: names of JSON properties and positions in lists. */
export interface Found {
  place: readonly (string | number)[];
  value: unknown;
  type: ElementType;
  /** The id and extensions of a primitive. */
  sibling: unknown;
  /** The type of the element that has it; undefined for the resource itself. */
  holderType: ElementType | undefined;
}

/** A compiled path, which finds elements together with their places. */
export interface Path {
  /** The elements that the path selects. Throws a TypeError when it gives values that are no elements. */
  find(resource: Resource): Found[];
  /**
   * When the path ends in a name (`Patient.name`): that name, and the elements which have or may have it. Tells where
   * a list belongs that is not there yet.
   */
  last: { name: string; holders(resource: Resource): Found[] } | undefined;
}

/**
 * Compiles a FHIRPath expression from a stranger that selects elements of a resource, bounded like `compile` with
 * `steps`. Throws a SyntaxError when it is none or cannot be bounded.
 */
export function compilePath(expression: string, steps: number): Path {
  const syntax = unwrapped(parse(expression, true));
  try {
    const [input, member] = syntax.children ?? [];
    const endsInName = syntax.type === 'InvocationExpression' && member!.type === 'MemberInvocation';
    return {
      find: finder(evaluationOf(syntax, { steps })),
      last: endsInName
        ? { name: nameOf(member!), holders: finder(evaluationOf(input!, { steps })) }
        : undefined,
    };
  } catch (error) {
    if (error instanceof Unsupported) throw new SyntaxError(`Not supported: ${error.message}`);
    throw error;
  }
}

function unwrapped(syntax: Syntax): Syntax {
  const [child] = syntax.children ?? [];
  return syntax.type === 'EntireExpression' && child ? unwrapped(child) : syntax;
}

function finder(evaluate: Evaluation): (resource: Resource) => Found[] {
  return (resource) => evaluate(resource, {}).map(found);
}

function found(item: Item): Found {
  if (!(item instanceof Node)) throw new TypeError('The path gives a value that is no element');
  const { value, type, sibling, parent } = item;
  return { place: placeOf(item), value, type, sibling, holderType: parent?.type };
}

function placeOf({ parent, key, index }: Node): (string | number)[] {
  if (!parent) return [];
  return index === undefined ? [...placeOf(parent), key] : [...placeOf(parent), key, index];
}
