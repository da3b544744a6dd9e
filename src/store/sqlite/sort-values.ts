import type { Entries } from '../../fhir/search/entries.ts';

/** One value where the smallest is the largest, else both. */
type Compact = Record<string, string | number | [low: string | number, high: string | number]>;

/**
 * What a row keeps of packed sort values, half as long: most parameters have one value. A row that stays within a page of
 * the file costs half of one that does not.
 */
export function compactSort(packed: string): string {
  const values = Object.entries(JSON.parse(packed) as Entries['sort']);
  const compact: Compact = Object.fromEntries(
    values.map(([name, { low, high }]) => [name, low === high ? low : [low, high]]),
  );
  return JSON.stringify(compact);
}
