/** A row as it was sent. */
export interface SentRow {
  /** Its number for people: the row of the sheet or CSV, of which the first holds the names; the place in an array. */
  number: number;
  /** What stands in it, by the names of the columns as the sender wrote them; nothing that is empty. */
  cells: ReadonlyMap<string, unknown>;
}

/** What was sent: rows, and the names of all columns. */
export interface Sent {
  columns: readonly string[];
  rows: readonly SentRow[];
}

/** Whether a cell says nothing. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isEmpty);
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
