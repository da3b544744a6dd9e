import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';

/** Where something stands in a text, both counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Finds the places of FHIRPath expressions, such as `Bundle.entry[3].resource.priority`, in a JSON text. */
export function placesIn(json: string): (expression: string) => Place | undefined {
  const root = parseTree(json);
  return (expression) => {
    if (!root) return undefined;
    let node: Node = root;
    for (const step of stepsOf(expression)) {
      const below = at(node, step);
      // What is missing is missed where it should be.
      if (!below) break;
      node = below;
    }
    return placeOf(json, node.offset);
  };
}

/** The members and indexes of a path below the resource: `entry`, 3, `resource`, `priority`. */
function stepsOf(expression: string): (string | number)[] {
  const [, ...steps] = [...expression.matchAll(/[A-Za-z]\w*|\[(\d+)\]/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  );
  return steps;
}

/** What a step leads to: a choice is under the name of its type, and of a list without index the first is meant. */
function at(node: Node, step: string | number): Node | undefined {
  if (typeof step === 'number') return findNodeAtLocation(node, [step]) ?? (step === 0 ? node : undefined);
  const object = node.type === 'array' ? node.children?.[0] : node;
  if (object?.type !== 'object') return undefined;
  const members = object.children ?? [];
  const named = (test: (name: string) => boolean) =>
    members.find(({ children }) => test(String(children?.[0]?.value)))?.children?.[1];
  return named((name) => name === step) ?? named((name) => new RegExp(`^${step}[A-Z]`).test(name));
}

/** The line and column of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
