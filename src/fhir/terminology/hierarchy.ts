/** A concept of a code system with those below it, as far as its place goes. */
export interface Placed {
  code: string;
  concept?: readonly Placed[];
  property?: readonly { code: string; [value: string]: unknown }[];
}

/** For each code, those directly above and directly below it. Every code has an entry in `children`. */
export interface Hierarchy {
  parents: Map<string, string[]>;
  children: Map<string, string[]>;
}

/** Code systems that are not trees name further parents as properties. */
const above: ReadonlySet<string> = new Set(['subsumedBy', 'parent']);

/** Makes a code stand directly below another. */
export function link({ parents, children }: Hierarchy, parent: string, child: string): void {
  parents.get(child)?.push(parent) ?? parents.set(child, [parent]);
  children.get(parent)?.push(child) ?? children.set(parent, [child]);
}

/**
 * The hierarchy of a code system (http://hl7.org/fhir/R4/codesystem.html#hierarchy).
 *
 * @param keyOf what codes are compared by
 */
export function readHierarchy(
  concepts: readonly Placed[],
  keyOf: (code: string) => string = (code) => code,
): Hierarchy {
  const hierarchy: Hierarchy = { parents: new Map(), children: new Map() };
  const visit = (siblings: readonly Placed[], parent: string | undefined) => {
    for (const { code, concept = [], property = [] } of siblings) {
      const key = keyOf(code);
      if (!hierarchy.children.has(key)) hierarchy.children.set(key, []);
      if (parent !== undefined) link(hierarchy, parent, key);
      for (const { code: name, valueCode } of property)
        if (above.has(name) && typeof valueCode === 'string') link(hierarchy, keyOf(valueCode), key);
      visit(concept, key);
    }
  };
  visit(concepts, undefined);
  return hierarchy;
}

/** The codes that are reached from one by a relation, without itself; each once, and no more of them than are read. */
export function* reachable(
  code: string,
  relation: ReadonlyMap<string, readonly string[]>,
): Generator<string> {
  const found = new Set<string>();
  const pending = [code];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const other of relation.get(next) ?? []) {
      if (other === code || found.has(other)) continue;
      found.add(other);
      pending.push(other);
      yield other;
    }
  }
}
