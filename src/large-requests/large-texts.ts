import { serialise } from '../fhir/json/serialise.ts';
import type { Request } from '../interactions/request.ts';
import type { InteractionCode, Route } from '../interactions/route.ts';
import type { Server } from '../interactions/server.ts';
import { LargeTextMet, readerWithout, refusesLargeTexts, withoutLargeTexts } from '../store/large-texts.ts';
import type { LargeRequests } from './large-requests.ts';

/** They give stored texts as they are, unless a part of them is asked for. */
const givesTexts: ReadonlySet<InteractionCode> = new Set([
  'read',
  'vread',
  'search-type',
  'search-system',
  'history-instance',
  'history-type',
  'history-system',
]);
const givesTextsToo: readonly string[] = ['$everything', '$referral-history'];
/** What asks for a part, or for what is within. */
const asksForParts: readonly string[] = ['_summary', '_elements', '_contained', '_containedType'];

const writes: ReadonlySet<InteractionCode> = new Set(['create', 'update', 'patch', 'delete', 'transaction']);

/**
 * The same routes. Where one looks into what is stored, and meets a text that is large, it is begun anew in the thread for
 * large requests: nothing has been kept by then, since the transaction that has met it is taken back. An entry of a batch
 * goes there by itself, one of a transaction with all of it.
 */
export function besideLargeTexts(
  routes: readonly Route[],
  { largeRequests, isOwn }: { largeRequests(): LargeRequests; isOwn(operation: string): boolean },
): Route[] {
  return routes.map((route) => ({
    ...route,
    run: async (server, request) => {
      if (refusesLargeTexts(server.store) || !looksInto(route, request)) return route.run(server, request);
      if (request.operation !== undefined && isOwn(request.operation)) return route.run(server, request);
      try {
        return await route.run(careful(server), request);
      } catch (error) {
        if (!(error instanceof LargeTextMet)) throw error;
      }
      const { body, ...rest } = request;
      // What is recorded of it is recorded here.
      const { trail: _, ...unrecorded } = server;
      return largeRequests().run(unrecorded, {
        segments: segmentsOf(route, request),
        request: rest,
        ...(body !== undefined && { body: { chunks: [Buffer.from(serialise(body as object))] } }),
        allowance: server.client === undefined ? {} : { client: server.client },
        routed: () => {},
      });
    },
  }));
}

/** Whether a request may read what is stored, instead of passing it on. */
function looksInto({ interaction }: Route, { query, operation, body }: Request): boolean {
  if (givesTexts.has(interaction) || givesTextsToo.includes(operation ?? ''))
    return query.some(([name]) => asksForParts.includes(name));
  // The entries of a batch are run by routes of their own.
  if (interaction === 'transaction') return (body as { type?: unknown } | undefined)?.type !== 'batch';
  return writes.has(interaction) || interaction === 'operation';
}

function careful(server: Server): Server {
  const { eachPage: _, ...rest } = server;
  return {
    ...rest,
    store: withoutLargeTexts(server.store),
    ...(server.stored && { stored: readerWithout(server.stored) }),
    get parameters() {
      return server.parameters;
    },
  };
}

/** The address of a request, in its parts. */
function segmentsOf({ path }: Route, request: Request): string[] {
  return path
    .split('/')
    .filter(Boolean)
    .map((part) => (part.startsWith('{') ? (request[part.slice(1, -1) as keyof Request] as string) : part));
}
