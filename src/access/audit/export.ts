import { auditEventOf, countOf } from './audit-event.ts';
import type { AuditStore } from './audit-store.ts';
import { linesOf } from './batch.ts';
import { recordOf } from './record.ts';

const batchesAtOnce = 32;

/**
 * The AuditEvents that were recorded from an instant on and before another (milliseconds), oldest first, each as a line of
 * JSON. `base` is the URL of the server that recorded them.
 */
export async function* exportAudit(
  store: AuditStore,
  base: string,
  { from, to }: { from?: number | undefined; to?: number | undefined },
): AsyncGenerator<string> {
  for (let next = 1; ; ) {
    const batches = await store.batches({
      descending: false,
      from: next,
      ...(from !== undefined && { since: from }),
      ...(to !== undefined && { until: to - 1 }),
      limit: batchesAtOnce,
    });
    for (const batch of batches) {
      for (const [index, line] of linesOf(batch).entries()) {
        const record = recordOf(line);
        if ((from !== undefined && record.at < from) || (to !== undefined && record.at >= to)) continue;
        for (let n = 0; n < countOf(record); n++)
          yield JSON.stringify(auditEventOf(base, batch.first + index, record, n));
      }
    }
    const last = batches.at(-1);
    if (!last) return;
    next = last.number + 1;
  }
}
