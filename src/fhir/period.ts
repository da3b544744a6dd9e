import { string } from './elements.ts';
import type { Element } from './resource.ts';
import { spanOf } from './search/time.ts';

/** Whether an instant, in milliseconds since the epoch, lies in a Period; what it leaves open is unbounded. */
export function isWithin(period: Element | undefined, instant: number): boolean {
  const start = spanOf(string(period, 'start') ?? '');
  const end = spanOf(string(period, 'end') ?? '');
  return (!start || start.low <= instant) && (!end || instant <= end.high);
}
