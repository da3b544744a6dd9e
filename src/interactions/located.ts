import type { Issue } from '../fhir/outcome.ts';
import { Refusal } from '../fhir/refusal.ts';

/**
 * An issue about a resource of its own, as an issue about an entry of the bundle that brought it:
 * `Task.status` becomes `Bundle.entry[3].resource.status`. Without a place it is about the entry as a whole.
 */
export function inEntry(issue: Issue, index: number): Issue {
  const entry = `Bundle.entry[${index}]`;
  const places = issue.expression?.map((place) =>
    place.startsWith('Bundle.entry[') ? place : `${entry}.resource${place.replace(/^[A-Za-z]+/, '')}`,
  );
  const { json } = issue;
  return {
    ...issue,
    expression: places?.length ? places : [entry],
    ...(json && { json: json.startsWith('entry[') ? json : `entry[${index}].resource.${json}` }),
  };
}

/** Runs work on one entry of a bundle; a Refusal that it throws says in which entry. */
export async function atEntry<T>(index: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal)
      throw new Refusal(
        error.status,
        error.issues.map((issue) => inEntry(issue, index)),
      );
    throw error;
  }
}
