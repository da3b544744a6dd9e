import { extension, string } from '../fhir/elements.ts';
import { readJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Entries } from '../fhir/search/entries.ts';
import type { Position } from '../fhir/search/order.ts';
import type { Match, Reader } from '../store/store.ts';

/** The code of the event that the term of a Task has passed. */
export const eventOfDue = 'overdue';
const dueExtension = 'https://w3id.org/zhuanzhen/StructureDefinition/due';
const pageSize = 200;

/** The term of a Task, in milliseconds since the epoch, by its entries. */
export function dueIn({ intervals }: Entries): number | undefined {
  return intervals.find(({ name }) => name === 'due')?.low;
}

/** The Tasks whose term has passed in a span of time, its end included, by the index of `due`. */
export async function overdueTasks(
  store: Reader,
  { after, until }: { after: number; until: number },
): Promise<{ version: Match['version']; due: number }[]> {
  const found: { version: Match['version']; due: number }[] = [];
  for (let from: Position | undefined; ; ) {
    const page = await store.search({
      type: 'Task',
      filter: { kind: 'interval', name: 'due', low: { gt: after, lte: until } },
      sort: [{ key: '_id', descending: false }],
      limit: pageSize,
      ...(from && { after: from }),
    });
    for (const { version } of page) {
      const due = dueOf(readJson(version.text) as Resource);
      if (due !== undefined) found.push({ version, due });
    }
    if (page.length < pageSize) return found.sort((a, b) => a.due - b.due);
    from = page.at(-1)!.position;
  }
}

function dueOf(task: Resource): number | undefined {
  const due = Date.parse(string(extension(task, dueExtension), 'valueDateTime') ?? '');
  return Number.isNaN(due) ? undefined : due;
}
