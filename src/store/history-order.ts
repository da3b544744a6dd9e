import { compareText } from '../fhir/search/code-points.ts';
import type { HistoryPosition } from './store.ts';

/** The order of a history, newest first: what `Array.sort` takes. */
export function byTimeDescending(a: HistoryPosition, b: HistoryPosition): number {
  return (
    b.updated - a.updated || compareText(a.type, b.type) || compareText(a.id, b.id) || b.version - a.version
  );
}
