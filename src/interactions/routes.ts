import type { Definitions } from '../fhir/definitions/definitions.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import { isResource } from '../fhir/resource.ts';
import { AsynchronousRequests } from './asynchronous.ts';
import { audited } from './audited.ts';
import { batch, type Contain, type Router } from './batch.ts';
import { callOperation } from './call-operation.ts';
import { createCapabilities } from './capabilities.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { history } from './history.ts';
import type { Memory } from './kept-answers.ts';
import { knowingCodes } from './knowing-codes.ts';
import { patch } from './patch.ts';
import { read } from './read.ts';
import { withFullUrls } from './relative-full-urls.ts';
import { createRouter, type Route } from './route.ts';
import { search } from './search.ts';
import { transaction } from './transaction.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';

/** What the routes need to know. */
export interface RoutesOptions {
  version: string;
  /** When the server was started, as FHIR writes it. */
  started: string;
  contain: Contain;
  /** Keeps what is fetched later, for all processes of the server. */
  memory?: Memory | undefined;
  /** Gives routes that do beside the thread that serves what takes long; unless set they are as they are. */
  beside?: ((routes: readonly Route[]) => Route[]) | undefined;
}

/** The whole RESTful API (http://hl7.org/fhir/R4/http.html): every address and what is done there. */
export function createRoutes(
  definitions: Definitions,
  { version, started, contain, memory, beside = (routes) => [...routes] }: RoutesOptions,
): {
  router: Router;
  routes: readonly Route[];
  /** Ends with what is to be answered later. */
  stop(): Promise<void>;
} {
  const synchronous: Route[] = [
    { method: 'GET', path: '/metadata', interaction: 'capabilities', run: (server) => capabilities(server) },

    {
      method: 'POST',
      path: '/',
      interaction: 'transaction',
      run: (server, request) => runBundle(server, request),
    },
    { method: 'POST', path: '/', interaction: 'batch', run: (server, request) => runBundle(server, request) },
    { method: 'GET', path: '/', interaction: 'search-system', run: search },
    { method: 'POST', path: '/_search', interaction: 'search-system', run: search },
    // R4 has it for POST alone; HAPI sends a GET there, too (`usingStyle(GET_WITH_SEARCH)`).
    { method: 'GET', path: '/_search', interaction: 'search-system', run: search },
    { method: 'GET', path: '/_history', interaction: 'history-system', run: history },

    { method: 'POST', path: '/{type}', interaction: 'create', run: create },
    { method: 'GET', path: '/{type}', interaction: 'search-type', run: search },
    { method: 'POST', path: '/{type}/_search', interaction: 'search-type', run: search },
    { method: 'GET', path: '/{type}/_search', interaction: 'search-type', run: search },
    { method: 'PUT', path: '/{type}', interaction: 'update', run: update },
    { method: 'PATCH', path: '/{type}', interaction: 'patch', run: patch },
    { method: 'DELETE', path: '/{type}', interaction: 'delete', run: remove },
    { method: 'GET', path: '/{type}/_history', interaction: 'history-type', run: history },

    { method: 'GET', path: '/{type}/{id}', interaction: 'read', run: read },
    { method: 'PUT', path: '/{type}/{id}', interaction: 'update', run: update },
    { method: 'PATCH', path: '/{type}/{id}', interaction: 'patch', run: patch },
    { method: 'DELETE', path: '/{type}/{id}', interaction: 'delete', run: remove },
    {
      method: 'GET',
      path: '/{type}/{id}/_history',
      interaction: 'history-instance',
      run: history,
    },
    { method: 'GET', path: '/{type}/{id}/_history/{versionId}', interaction: 'vread', run: vread },
    {
      method: 'GET',
      path: '/{type}/{id}/{compartmentType}',
      interaction: 'search-type',
      run: search,
    },
    {
      method: 'POST',
      path: '/{type}/{id}/_search',
      interaction: 'search-type',
      run: (server, request) => search(server, { ...request, compartmentType: '*' }),
    },
    {
      method: 'POST',
      path: '/{type}/{id}/{compartmentType}/_search',
      interaction: 'search-type',
      run: search,
    },

    ...[
      '/{operation}',
      '/{type}/{operation}',
      '/{type}/{id}/{operation}',
      '/{type}/{id}/_history/{versionId}/{operation}',
    ].flatMap((path) =>
      (['GET', 'POST'] as const).map(
        (method): Route => ({ method, path, interaction: 'operation', run: callOperation }),
      ),
    ),
  ];
  const asynchronous = new AsynchronousRequests({ contain, memory });
  const routes = [
    ...asynchronous.offer(audited(admitted(beside(synchronous.map(knowing))))),
    ...audited(asynchronous.routes),
  ];
  const router = createRouter(routes, definitions.resourceTypes);
  const capabilities = createCapabilities(routes, started, version);
  const runBundle: Route['run'] = async (server, { body, prefer }) => {
    if (!isResource(body) || body.resourceType !== 'Bundle')
      throw refuse(refusals.invalidRequest, [
        { zh: '向根地址 POST 的须为 Bundle', en: 'POST to the base takes a Bundle' },
      ]);
    const sent = (body.entry as unknown[] | undefined) ?? [];
    if (!Array.isArray(sent))
      throw refuse(refusals.invalidRequest, [
        { zh: 'Bundle.entry 须为数组', en: 'Bundle.entry must be an array' },
      ]);
    const most = server.limits.maxBundleEntries;
    if (sent.length > most) throw refuse(refusals.bundleTooLarge, [String(most), String(sent.length)]);
    const { bundle, entries, noted } = withFullUrls(server.base, body, sent);
    switch (body.type) {
      case 'transaction':
        return transaction(server, bundle, entries, prefer, router, noted);
      case 'batch':
        return batch(server, entries, prefer, router, contain);
      default:
        throw refuse(refusals.invalidRequest, [
          {
            zh: '向根地址 POST 的须为 transaction 或 batch 类型的 Bundle',
            en: 'POST to the base takes a Bundle of the type transaction or batch',
          },
        ]);
    }
  };
  return { router, routes, stop: () => asynchronous.stop() };
}

/** The same route, whose validator knows what tables of codes say of the body. */
function knowing(route: Route): Route {
  return {
    ...route,
    run: async (server, request) => route.run(await knowingCodes(server, request.body), request),
  };
}

/** The same routes, which refuse at once what no scope permits on the type; an operation is held to what it reads and writes. */
function admitted(routes: readonly Route[]): Route[] {
  return routes.map((route) =>
    route.interaction === 'operation'
      ? route
      : {
          ...route,
          run: async (server, request) => {
            if (request.type !== undefined) server.admits?.(route.interaction, request.type);
            return route.run(server, request);
          },
        },
  );
}
