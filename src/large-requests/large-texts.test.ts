import { expect, test } from '@jest/globals';
import type { Answer } from '../interactions/answer.ts';
import type { Request } from '../interactions/request.ts';
import type { InteractionCode, Route } from '../interactions/route.ts';
import type { Server } from '../interactions/server.ts';
import type { Store, StoredVersion } from '../store/store.ts';
import type { LargeRequest } from './large-requests.ts';
import { besideLargeTexts } from './large-texts.ts';

const version = (text: string): StoredVersion => ({
  ...{ type: 'Basic', id: 'b', version: 1, updated: 0, method: 'PUT' },
  text,
});

/** Where a request is answered that reads one stored text, and what the thread is given of it. */
async function answered(
  text: string,
  { interaction, ...asked }: Partial<Request> & { interaction: InteractionCode },
) {
  const store = {
    read: async () => version(text),
    write: (work: (tx: unknown) => unknown) => work(store),
  } as unknown as Store;
  const given: LargeRequest[] = [];
  const largeRequests = {
    run: async (_: Server, large: LargeRequest): Promise<Answer> => {
      given.push(large);
      return { status: 299 };
    },
    stop: async () => {},
  };
  const path = '/{type}/{id}';
  const route: Route = {
    ...{ method: 'GET', path, interaction },
    run: async ({ store }) => {
      await store.write(async (transaction) => void (await transaction.read('Basic', 'b')));
      return { status: 200 };
    },
  };
  const [beside] = besideLargeTexts([route], {
    largeRequests: () => largeRequests,
    isOwn: (operation) => operation === '$print',
  });
  const request = { method: 'GET', type: 'Basic', id: 'b', query: [], prefer: {}, ...asked } as Request;
  const { status } = await beside!.run({ store } as Server, request);
  return { isBeside: status === 299, given };
}

const large = 'x'.repeat(300_000);
const elements: Request['query'] = [['_elements', 'code']];

test.each<[string, string, Parameters<typeof answered>[1], boolean]>([
  ['a read', large, { interaction: 'read' }, false],
  ['a read of elements', large, { interaction: 'read', query: elements }, true],
  ['a read of elements of what is small', 'x', { interaction: 'read', query: elements }, false],
  ['a search', large, { interaction: 'search-type' }, false],
  ['a search for the summary', large, { interaction: 'search-type', query: [['_summary', 'true']] }, true],
  ['a history of elements', large, { interaction: 'history-type', query: elements }, true],
  ['a patch', large, { interaction: 'patch' }, true],
  ['an update', large, { interaction: 'update' }, true],
  ['everything', large, { interaction: 'operation', operation: '$everything' }, false],
  [
    'elements of everything',
    large,
    { interaction: 'operation', operation: '$everything', query: elements },
    true,
  ],
  ['an operation', large, { interaction: 'operation', operation: '$meta-add' }, true],
  [
    'an operation that the thread does not have',
    large,
    { interaction: 'operation', operation: '$print' },
    false,
  ],
  ['a transaction', large, { interaction: 'transaction', body: { type: 'transaction' } }, true],
  [
    'a batch, whose entries are looked at one by one',
    large,
    { interaction: 'transaction', body: { type: 'batch' } },
    false,
  ],
])('%s', async (_, text, asked, isBeside) => {
  expect((await answered(text, asked)).isBeside).toBe(isBeside);
});

test('the thread is given the address and the body', async () => {
  const { given } = await answered(large, { interaction: 'patch', body: [{ op: 'test' }] });
  const [{ segments, request, body }] = given as [LargeRequest];
  expect(segments).toEqual(['Basic', 'b']);
  expect(request).not.toHaveProperty('body');
  expect(Buffer.concat(body!.chunks).toString()).toBe('[{"op":"test"}]');
});
