import type { EntryOutcome } from '../../interactions/audited.ts';
import type { WrittenEntries } from '../../interactions/write-entries.ts';

/** What the record of accesses is told of each entry that was written. */
export function outcomesOf({ plans, answers }: WrittenEntries): EntryOutcome[] {
  return plans.flatMap(({ entry: { index, method, type, id, rest } }) => {
    const answer = answers.get(index);
    const interaction = method === 'POST' ? 'create' : 'update';
    const asked = { ...rest, method, type, ...(id !== undefined && { id }), query: [], interaction } as const;
    return answer ? [{ asked, answer }] : [];
  });
}
