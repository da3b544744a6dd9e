import type { CodeSource, Filter } from './code-source.ts';
import { codesAbove, isStructured } from './code-structure.ts';
import type { CodeSystem, Concept, Entry } from './concept.ts';
import { foundAmong } from './found-among.ts';
import { type Hierarchy, link, reachable, readHierarchy } from './hierarchy.ts';
import { type PropertyTest, propertyTest } from './property-test.ts';

/** The concepts of a code system that is in memory, and its hierarchy. */
interface Tree extends Hierarchy {
  byCode: ReadonlyMap<string, Entry>;
}

/** Made once for each code system, and gone with it. */
const trees = new WeakMap<CodeSystem, Tree>();

/** The codes of a CodeSystem that lists them. */
export function codeSourceOf(system: CodeSystem): CodeSource {
  const { url, version, language, title, name, content, caseSensitive } = system;
  const keyOf = (code: string) => (caseSensitive === false ? code.toLowerCase() : code);
  const tree = () => {
    let found = trees.get(system);
    if (!found) {
      found = readTree(system.concept ?? [], keyOf);
      trees.set(system, found);
    }
    return found;
  };
  const isBelow = (code: string, above: string) =>
    reachable(keyOf(code), tree().parents).some((each) => each === keyOf(above));
  const testOf = (filters: readonly Filter[]): PropertyTest | undefined => {
    const tests = filters.map((filter) => propertyTest(filter, isBelow));
    return tests.includes(undefined) ? undefined : (entry) => tests.every((test) => test!(entry));
  };
  return {
    url,
    title: title ?? name ?? url,
    isComplete: content === 'complete',
    ...(version !== undefined && { version }),
    ...(language !== undefined && { language }),
    find: (code) => tree().byCode.get(keyOf(code)),
    select: (filters, typed) => {
      const test = testOf(filters);
      return test && foundAmong(tree().byCode.values().filter(test), (each) => each, typed);
    },
    passes: (code, filters) => {
      const test = testOf(filters);
      const entry = tree().byCode.get(keyOf(code));
      return test && entry !== undefined && test(entry);
    },
    isBelow,
    neighbours: (code) => ({
      parents: tree().parents.get(keyOf(code)) ?? [],
      children: tree().children.get(keyOf(code)) ?? [],
    }),
  };
}

function readTree(concepts: readonly Concept[], keyOf: (code: string) => string): Tree {
  const byCode = new Map<string, Entry>();
  const hierarchy = readHierarchy(concepts, keyOf);
  const visit = (siblings: readonly Concept[]) => {
    for (const { concept = [], ...entry } of siblings) {
      const key = keyOf(entry.code);
      byCode.set(key, entry);
      // Of code systems that are no trees some name children instead of parents.
      for (const { code, valueCode } of entry.property ?? [])
        if (code === 'child' && typeof valueCode === 'string') link(hierarchy, key, keyOf(valueCode));
      visit(concept);
    }
  };
  visit(concepts);
  if (hierarchy.parents.size === 0 && isStructured(byCode.keys()))
    for (const code of byCode.keys()) {
      const parent = codesAbove(code).find((each) => byCode.has(each));
      if (parent !== undefined) link(hierarchy, parent, code);
    }
  return { byCode, ...hierarchy };
}
