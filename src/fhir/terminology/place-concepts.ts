import type { TableEntry } from './code-table.ts';
import { keyOf } from './code-table.ts';
import type { CodeSystem, Concept } from './concept.ts';
import { loadInitials } from './initials.ts';

/** Properties that name codes above: "parent", and what R4's own code systems use (`hierarchy.ts`). */
const parentProperties: ReadonlySet<string> = new Set(['parent', 'subsumedBy']);

/** A code whose parent is neither before it nor with it. */
export class ParentMissing extends Error {
  readonly code: string;
  readonly parent: string;

  constructor(code: string, parent: string) {
    super(`${parent} is missing above ${code}`);
    this.code = code;
    this.parent = parent;
  }
}

/**
 * What a table keeps of the concepts of a part of it, in their order. Throws `ParentMissing`.
 *
 * @param known codes that came before, as far as they are asked for
 */
export async function placeConcepts(
  system: CodeSystem,
  known: (codes: readonly string[]) => Promise<readonly TableEntry[]>,
): Promise<TableEntry[]> {
  const initialsOf = await loadInitials();
  const placed: TableEntry[] = [];
  const visit = (siblings: readonly Concept[], outer: readonly string[]) => {
    for (const { concept = [], ...entry } of siblings) {
      const named = (entry.property ?? [])
        .filter(({ code }) => parentProperties.has(code))
        .flatMap(({ valueCode }) => (typeof valueCode === 'string' ? [valueCode] : []));
      const parents = [...new Set([...outer, ...named])];
      placed.push({
        entry,
        ...(parents.length > 0 && { parents }),
        initials: initialsOf(entry.display ?? ''),
      });
      visit(concept, [entry.code]);
    }
  };
  visit(system.concept ?? [], []);
  await findAbove(system, placed, known);
  return placed;
}

/** Gives each code those above its parents. */
async function findAbove(
  system: CodeSystem,
  placed: readonly TableEntry[],
  known: (codes: readonly string[]) => Promise<readonly TableEntry[]>,
): Promise<void> {
  const key = (code: string) => keyOf(system, code);
  const byKey = new Map(placed.map((each) => [key(each.entry.code), each]));
  const elsewhere = placed.flatMap(({ parents = [] }) => parents.filter((code) => !byKey.has(key(code))));
  for (const each of elsewhere.length > 0 ? await known([...new Set(elsewhere)]) : [])
    byKey.set(key(each.entry.code), each);

  for (const start of placed) {
    // The way up, without recursion: a hierarchy can be deep, and one that is sent can run in a circle.
    const above = new Set<string>();
    const pending = [start];
    for (let each = pending.pop(); each; each = pending.pop()) {
      if (each !== start && each.above) {
        for (const code of each.above) above.add(code);
        continue;
      }
      for (const code of each.parents ?? []) {
        const parent = byKey.get(key(code));
        if (!parent) throw new ParentMissing(each.entry.code, code);
        if (parent === start || above.has(parent.entry.code)) continue;
        above.add(parent.entry.code);
        pending.push(parent);
      }
    }
    if (start.parents) start.above = [...above];
  }
}

/** Whether most codes of a table say by themselves what is above them, and no parent is given. */
export function isByStructure(counts: { all: number; structured: number; placed: number }): boolean {
  return counts.placed === 0 && counts.structured * 2 > counts.all;
}
