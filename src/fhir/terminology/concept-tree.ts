import type { CodeSource, Filter, Selection } from './code-source.ts';
import { codesAbove, isStructured } from './code-structure.ts';
import type { CodeSystem, Concept, Entry } from './concept.ts';
import { type PropertyTest, propertyTest } from './property-test.ts';
import { textFilter } from './text-filter.ts';

/** The concepts of a code system that is in memory, and its hierarchy. */
interface Tree {
  byCode: ReadonlyMap<string, Entry>;
  parents: ReadonlyMap<string, readonly string[]>;
  children: ReadonlyMap<string, readonly string[]>;
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
  const isBelow = (code: string, above: string) => reaches(tree().parents, keyOf(code), keyOf(above));
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
    find: async (code) => tree().byCode.get(keyOf(code)),
    select: (selection) => {
      const test = testOf(selection.filters);
      return test && selected(tree().byCode.values(), test, selection);
    },
    passes: (code, filters) => {
      const test = testOf(filters);
      const entry = tree().byCode.get(keyOf(code));
      return test && Promise.resolve(entry !== undefined && test(entry));
    },
    isBelow: async (code, above) => isBelow(code, above),
    neighbours: async (code) => ({
      parents: tree().parents.get(keyOf(code)) ?? [],
      children: tree().children.get(keyOf(code)) ?? [],
    }),
  };
}

async function* selected(entries: Iterable<Entry>, test: PropertyTest, { text }: Selection) {
  const isWanted = text === undefined ? () => true : await textFilter(text);
  for (const entry of entries) if (test(entry) && isWanted(entry)) yield entry;
}

/** Code systems that are no trees name further parents, or children, as properties. */
const above: ReadonlySet<string> = new Set(['subsumedBy', 'parent']);

function readTree(concepts: readonly Concept[], keyOf: (code: string) => string): Tree {
  const byCode = new Map<string, Entry>();
  const parents = new Map<string, string[]>();
  const children = new Map<string, string[]>();
  const link = (parent: string, child: string) => {
    parents.get(child)?.push(parent) ?? parents.set(child, [parent]);
    children.get(parent)?.push(child) ?? children.set(parent, [child]);
  };
  const visit = (siblings: readonly Concept[], parent: string | undefined) => {
    for (const { concept = [], ...entry } of siblings) {
      const key = keyOf(entry.code);
      byCode.set(key, entry);
      if (parent !== undefined) link(parent, key);
      for (const property of entry.property ?? []) {
        if (above.has(property.code) && typeof property.valueCode === 'string')
          link(keyOf(property.valueCode), key);
        if (property.code === 'child' && typeof property.valueCode === 'string')
          link(key, keyOf(property.valueCode));
      }
      visit(concept, key);
    }
  };
  visit(concepts, undefined);
  if (parents.size === 0 && isStructured(byCode.keys()))
    for (const code of byCode.keys()) {
      const parent = codesAbove(code).find((each) => byCode.has(each));
      if (parent !== undefined) link(parent, code);
    }
  return { byCode, parents, children };
}

function reaches(parents: ReadonlyMap<string, readonly string[]>, code: string, above: string): boolean {
  const seen = new Set<string>();
  const pending = [code];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const parent of parents.get(next) ?? []) {
      if (parent === above) return true;
      if (!seen.has(parent)) pending.push(parent);
      seen.add(parent);
    }
  }
  return false;
}
