import { expect, test } from '@jest/globals';
import type { Query } from '../fhir/search/query.ts';
import type { Match, Reader, SearchRequest, StoredVersion } from '../store/store.ts';
import { remembering } from './remembering.ts';

const task = { type: 'Task', id: '1', version: 1, updated: 0, method: 'PUT', text: '{}' } as StoredVersion;

/** A reader that finds the same Task always, and notes what it is asked. */
function noting(): { reader: Reader; asked: string[] } {
  const asked: string[] = [];
  const reader = {
    read: async (type: string, id: string) => {
      asked.push(`${type}/${id}`);
      return id === '1' ? task : undefined;
    },
    search: async ({ type, limit }: SearchRequest) => {
      asked.push(`${type} ${limit}`);
      return [{ version: task, terms: [], position: {} }] as unknown as Match[];
    },
  } as unknown as Reader;
  return { reader: remembering(reader), asked };
}

const termed = (term: string, limit = 20): SearchRequest => ({
  type: 'Task',
  filter: { kind: 'term', term } as Query,
  sort: [],
  limit,
});

test('what was read is read once, also when there was nothing, and also by two at one moment', async () => {
  const { reader, asked } = noting();
  await Promise.all([reader.read('Task', '1'), reader.read('Task', '1')]);
  expect(await reader.read('Task', '2')).toBeUndefined();
  await reader.read('Task', '2');
  expect(asked).toEqual(['Task/1', 'Task/2']);
});

test('the same search is asked once, another one anew, and what it found need not be read', async () => {
  const { reader, asked } = noting();
  for (const request of [termed('a'), termed('a'), termed('b'), termed('a', 5)]) await reader.search(request);
  expect(await reader.read('Task', '1')).toBe(task);
  expect(asked).toEqual(['Task 20', 'Task 20', 'Task 5']);
});
