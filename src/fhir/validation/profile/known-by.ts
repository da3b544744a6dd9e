import { isElement } from '../../resource.ts';
import type { SnapshotNode } from '../../snapshots/snapshot-tree.ts';

/** How deep below a slice the values that it is known by are looked for. */
const deepest = 4;

/**
 * What the members of a slice are known by, for people: the codes that its fixed and pattern values state, as
 * `system|code`, else the values themselves. Undefined where it is known by something else, such as a type or a profile.
 */
export function knownBy(node: SnapshotNode): string | undefined {
  const codes: string[] = [];
  const values: string[] = [];
  collect(node, deepest, codes, values);
  const known = codes.length > 0 ? codes : values;
  return known.length > 0 ? [...new Set(known)].join(', ') : undefined;
}

function collect(node: SnapshotNode, depth: number, codes: string[], values: string[]): void {
  const own = stated(node);
  if (own !== undefined) fromValue(own, codes, values);
  if (depth === 0) return;
  const system = stated(node.children.get('system'));
  const code = stated(node.children.get('code'));
  if (typeof code === 'string') codes.push(typeof system === 'string' ? `${system}|${code}` : code);
  else if (typeof system === 'string') values.push(system);
  for (const [name, child] of node.children) {
    if (name !== 'extension' && (name !== 'code' || typeof code !== 'string') && name !== 'system')
      collect(child, depth - 1, codes, values);
  }
}

/** The fixed or pattern value of an element. */
function stated(node: SnapshotNode | undefined): unknown {
  if (!node) return undefined;
  const name = Object.keys(node.definition).find((key) => /^(?:fixed|pattern)[A-Z]/.test(key));
  return name && node.definition[name];
}

function fromValue(value: unknown, codes: string[], values: string[]): void {
  if (Array.isArray(value)) for (const each of value) fromValue(each, codes, values);
  else if (isElement(value)) {
    const { system, code } = value;
    if (typeof code === 'string') codes.push(typeof system === 'string' ? `${system}|${code}` : code);
    else for (const each of Object.values(value)) fromValue(each, codes, values);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    values.push(String(value));
}
