import { describe, expect, test } from '@jest/globals';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import type { Answer } from './answer.ts';
import { AsynchronousRequests } from './asynchronous.ts';
import type { Request } from './request.ts';
import type { Route } from './route.ts';
import type { Server } from './server.ts';

const server = { base: 'http://example.org/fhir' } as Server;
const request: Request = { method: 'GET', url: '/Patient?name=x', query: [], prefer: { respondAsync: true } };
const found: Answer = { status: 200, json: '{"resourceType":"Bundle","type":"searchset"}' };

/** A search that ends when the test says so. */
function aSearch() {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const requests: Request[] = [];
  const route: Route = {
    method: 'GET',
    path: '/{type}',
    interaction: 'search-type',
    run: (_, asked) => {
      requests.push(asked);
      return promise;
    },
  };
  return { route, requests, resolve, reject };
}

function aServer(options: Partial<ConstructorParameters<typeof AsynchronousRequests>[0]> = {}) {
  const later = new AsynchronousRequests({ contain: () => refuse(refusals.internal, ['1']), ...options });
  const [status, cancel, answer] = later.routes.map(
    ({ run }) =>
      (id: string) =>
        run(server, { method: 'GET', id, query: [], prefer: {} }),
  );
  return {
    ask: (route: Route, asked = request) => later.offer([route])[0]!.run(server, asked),
    status: status!,
    cancel: cancel!,
    answer: answer!,
  };
}
const idOf = ({ contentLocation }: Answer) => /_async\/(.+)$/.exec(contentLocation!)![1]!;
const statusOf = async (work: Promise<Answer>) =>
  work.then(
    ({ status }) => status,
    (error: Refusal) => error.status,
  );
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a request that is to be answered later', () => {
  test('is accepted, is in progress, and is done', async () => {
    const { ask, status, answer } = aServer();
    const search = aSearch();
    const accepted = await ask(search.route);
    expect(accepted).toMatchObject({
      status: 202,
      contentLocation: expect.stringMatching(/^http:\/\/example\.org\/fhir\/_async\/[0-9a-f-]{36}$/),
    });
    const id = idOf(accepted);
    expect(await status(id)).toMatchObject({ status: 202, headers: { 'X-Progress': expect.any(String) } });
    expect(await statusOf(answer(id))).toBe(404);

    search.resolve(found);
    await turn();
    const done = await status(id);
    expect(done).toMatchObject({ status: 200, contentType: 'application/json' });
    expect(JSON.parse(done.json!)).toMatchObject({
      request: 'http://example.org/fhir/Patient?name=x',
      requiresAccessToken: false,
      output: [{ type: 'Bundle', url: `${accepted.contentLocation}/answer` }],
      error: [],
    });
    expect(await answer(id)).toMatchObject({ status: 200, json: found.json });
  });

  test('is run as one that is answered now', async () => {
    const { ask } = aServer();
    const search = aSearch();
    await ask(search.route);
    expect(search.requests[0]!.prefer).not.toHaveProperty('respondAsync');
  });

  test('that is refused at once is refused at once', async () => {
    const { ask } = aServer();
    const search = aSearch();
    search.reject(refuse(refusals.invalidParameter, ['name', 'x']));
    await expect(ask(search.route)).rejects.toThrow(Refusal);
  });

  test('that fails later is told of with 5XX', async () => {
    const { ask, status } = aServer();
    for (const error of [refuse(refusals.tooCostly, ['x']), new Error('secret')]) {
      const search = aSearch();
      const id = idOf(await ask(search.route));
      search.reject(error);
      await turn();
      expect(await statusOf(status(id))).toBe(500);
    }
  });

  test('can be cancelled, and is gone then', async () => {
    const { ask, status, cancel, answer } = aServer();
    const search = aSearch();
    const id = idOf(await ask(search.route));
    expect(await statusOf(cancel(id))).toBe(202);
    search.resolve(found);
    await turn();
    expect(await statusOf(status(id))).toBe(404);
    expect(await statusOf(answer(id))).toBe(404);
    expect(await statusOf(cancel(id))).toBe(404);
  });

  test('is refused with 429 while too many others run', async () => {
    const { ask } = aServer({ mostRunning: 2 });
    const first = aSearch();
    await ask(first.route);
    await ask(aSearch().route);
    expect(await statusOf(ask(aSearch().route))).toBe(429);
    first.resolve(found);
    await turn();
    expect(await statusOf(ask(aSearch().route))).toBe(202);
  });

  test('is forgotten some time after it was answered, and when too much is kept', async () => {
    let now = 0;
    const { ask, status } = aServer({ now: () => now, age: 1000, mostKept: 100 });
    const answered = async () => {
      const search = aSearch();
      search.resolve(found);
      const id = idOf(await ask(search.route));
      await turn();
      return id;
    };
    const ids = [await answered(), await answered(), await answered()];
    expect(await Promise.all(ids.map((id) => statusOf(status(id))))).toEqual([404, 200, 200]);
    now = 2000;
    expect(await statusOf(status(ids[2]!))).toBe(404);
  });
});

test('who does not prefer it is answered now', async () => {
  const { ask } = aServer();
  const search = aSearch();
  search.resolve(found);
  expect(await ask(search.route, { ...request, prefer: {} })).toBe(found);
});

test('what never takes long is answered now', async () => {
  const { ask } = aServer();
  const { route, resolve } = aSearch();
  resolve(found);
  expect(await ask({ ...route, interaction: 'read' })).toBe(found);
});
