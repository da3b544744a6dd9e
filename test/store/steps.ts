import { jest } from '@jest/globals';
import type { Connection } from '../../src/store/sqlite/connection.ts';
import { searchRows } from '../../src/store/sqlite/search.ts';
import type { SearchRequest } from '../../src/store/store.ts';

/** What SQLite does for a search, step by step: for the statements by which it is planned, and for the last one. */
export function stepsOf(connection: Connection, request: SearchRequest): string[] {
  const spies = (['get', 'all', 'until'] as const).map((way) => jest.spyOn(connection, way));
  searchRows(connection, request);
  const statements = spies.flatMap((spy) => spy.mock.calls.map(([statement]) => statement));
  for (const spy of spies) spy.mockRestore();
  return statements
    .filter(({ text }) => !text.startsWith('PRAGMA'))
    .flatMap(({ text, values }) => connection.all({ text: `EXPLAIN QUERY PLAN ${text}`, values }))
    .map(({ detail }) => detail as string);
}
