import type { Constraint, ElementDefinition } from './element-definition.ts';

/** What a differential adds to, where all else takes the place of what was there. */
const lists = ['condition', 'alias', 'mapping', 'example', 'code', 'extension'] as const;

/** What is said of an element by a differential, over what its base says of it; `source` is the URL of the profile. */
export function mergeElement(
  base: ElementDefinition,
  differential: ElementDefinition,
  source: string,
): ElementDefinition {
  const merged: ElementDefinition = { ...base, ...differential, base: base.base ?? baseOf(base) };
  for (const name of lists) {
    const [before, added] = [base[name], differential[name]];
    if (Array.isArray(before) && Array.isArray(added)) merged[name] = union(before, added);
  }
  if (differential.constraint)
    merged.constraint = mergeConstraints(base.constraint ?? [], differential.constraint, source);
  for (const name of ['definition', 'comment', 'requirements', 'short'] as const) {
    const text = differential[name];
    // "If the text starts with '...', it is appended to that of the base."
    if (typeof text === 'string' && text.startsWith('...'))
      merged[name] = `${base[name] ?? ''}${text.slice(3)}`;
  }
  return merged;
}

function baseOf({ path, min, max }: ElementDefinition): ElementDefinition['base'] {
  return { path, min, max };
}

function union(before: readonly unknown[], added: readonly unknown[]): unknown[] {
  const known = new Set(before.map((each) => JSON.stringify(each)));
  return [...before, ...added.filter((each) => !known.has(JSON.stringify(each)))];
}

/** A key that is there already is told anew; the others are added. */
function mergeConstraints(
  before: readonly Constraint[],
  added: readonly Constraint[],
  source: string,
): Constraint[] {
  const keys = new Set(added.map(({ key }) => key));
  return [
    ...before.filter(({ key }) => !keys.has(key)),
    ...added.map((each) => ({ ...each, source: each.source ?? source })),
  ];
}
