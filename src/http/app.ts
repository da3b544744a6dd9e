import { randomUUID } from 'node:crypto';
import cors from 'cors';
import express, {
  type Express,
  type Request as ExpressRequest,
  type NextFunction,
  type RequestHandler,
  type Response,
} from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../access/audit/audit.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { loadXml } from '../fhir/xml/xml.ts';
import type { Actor } from '../interactions/actor.ts';
import { createAnswerRoom } from '../interactions/answer-room.ts';
import type { Asked } from '../interactions/audited.ts';
import type { Router } from '../interactions/batch.ts';
import { type Address, readAddress } from '../interactions/entry-request.ts';
import type { QueryParameter } from '../interactions/request.ts';
import { type Matched, type Route, refuseMethod } from '../interactions/route.ts';
import type { Server } from '../interactions/server.ts';
import type { LargeRequests } from '../large-requests/large-requests.ts';
import { allowanceOf } from './allowance.ts';
import { asRefusal } from './as-refusal.ts';
import { acceptedContent, readsBinary } from './binary.ts';
import { createBodyRoom } from './body-room.ts';
import { setCommonHeaders } from './common-headers.ts';
import { compressLong } from './compress-long.ts';
import { createDocs } from './docs/docs.ts';
import { identify } from './identify.ts';
import { acceptedType, isFhirXml, outcomeType, refuseAccept } from './negotiation.ts';
import { createOpenApi } from './openapi/openapi.ts';
import { createOwnAddresses } from './own-addresses.ts';
import { createPresence, type See } from './present.ts';
import { withPurpose } from './purpose.ts';
import { type RequestLimits, readRequest } from './request.ts';
import { type Form, writeAnswer, writeRefusal } from './response.ts';
import { createLargeAnswers } from './xml/large-answers.ts';

/**
 * Says for whom a request is made, by its headers alone. Refuses with 401 who must say it and does not, and what is not
 * proved.
 */
export type Authenticate = (message: ExpressRequest) => Actor | undefined | Promise<Actor | undefined>;

/** What the HTTP layer needs beside the server itself. */
export interface HttpOptions {
  router: Router;
  /** What the router chooses from, for the description of the API. */
  routes: readonly Route[];
  version: string;
  /** Where every access is recorded; undefined: nowhere. */
  audit?: Audit | undefined;
  limits: RequestLimits;
  authenticate: Authenticate;
  see: See;
  /** Whether the server itself speaks TLS. */
  isSecure?: boolean;
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
  /** Addresses beside the API, such as those that tokens come from. */
  beside?: readonly RequestHandler[];
  /** Headers that every answer carries, e.g. that access control is off. */
  notices?: Readonly<Record<string, string>>;
  largeRequests: LargeRequests;
  log: Logger;
}

/** Headers that a browser may read from another origin. */
const exposedHeaders = [
  'ETag',
  'Last-Modified',
  'Location',
  'Content-Location',
  'X-Request-Id',
  'X-Correlation-Id',
  'X-Progress',
  'Retry-After',
  'WWW-Authenticate',
];

/** There is room for so many of the largest bodies. */
const largestBodies = 8;

/**
 * The HTTP face of the server: `/healthz`, `/readyz`, and the RESTful API below the path of the base URL. Everything
 * that is refused anywhere below is turned into a response here, in one place.
 */
export function createApp(server: Server, options: HttpOptions): Express {
  const { router, routes, version, audit, limits, authenticate, see, notices = {}, log } = options;
  const { isSecure = false, trustedProxies = [], beside = [] } = options;
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', [...trustedProxies]);
  // Where this server speaks plain HTTP, what is in front of it adds TLS, and decides who must use it.
  const contentSecurityPolicy = { directives: { upgradeInsecureRequests: null } };
  const { corsOrigins: origin } = limits;
  const crossOrigin = cors({ origin, exposedHeaders, maxAge: 86_400 });
  app.use(
    setCommonHeaders({ contentSecurityPolicy, strictTransportSecurity: isSecure }, notices),
    (message, response, next) => {
      if (message.headers.origin === undefined && message.method !== 'OPTIONS') next();
      else crossOrigin(message, response, next);
    },
    compressLong(),
  );
  const varying = ['Accept', 'Accept-Encoding', ...(origin === '*' ? [] : ['Origin'])].join(', ');

  const bodies = createBodyRoom(largestBodies * limits.maxBodyBytes);
  // As much as two of the largest answers.
  const room = createAnswerRoom(2 * Math.max(server.limits.maxAnswerBytes, limits.maxBodyBytes));
  const presence = createPresence(server, see, room);
  const own = createOwnAddresses(server.base, limits.otherBaseUrls);
  const xml = () => loadXml(server.definitions);
  const writeLarge = createLargeAnswers(server.definitions);

  /** The form of the answer, be it a resource or what is refused. */
  async function formOf(message: ExpressRequest, response: Response, query: readonly QueryParameter[]) {
    const type = outcomeType(message, query);
    const form: Form = {
      type,
      pretty: query.some(([name, value]) => name === '_pretty' && value === 'true'),
    };
    if (!isFhirXml(type)) return form;
    const allowance = allowanceOf(message, response, server.limits.searchTimeout);
    return { ...form, xml: await xml(), writeLarge: (json: string) => writeLarge(json, allowance) };
  }

  app.get('/healthz', (_, response) => void response.json({ status: 'alive' }));
  app.get('/readyz', async (_, response) => {
    try {
      await server.store.ready();
      await audit?.ready();
      response.json({ status: 'ready' });
    } catch (error) {
      const trouble = error instanceof Refusal && error.issues[0]?.text.en;
      response.status(503).json({ status: trouble || 'waiting for the database' });
    }
  });

  // Who opens the address in a browser wants to read, not an outcome.
  const path = new URL(server.base).pathname;
  app.get(['/', path], (message, response, next) => {
    if (message.path === '/' || message.accepts(['json', 'html']) === 'html') response.redirect('/docs');
    else next();
  });

  for (const handler of beside) app.use(handler);
  app.use(createDocs(createOpenApi(server, routes, version)));

  app.use(path, async (message: ExpressRequest, response: Response) => {
    const started = performance.now();
    // Health data: no cache on the way keeps it, and none answers for the server.
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', varying);
    const requestId = identify(message, response);
    let form: Form = { type: 'application/fhir+json', pretty: false };
    let asked: Asked = unreadable(message);
    // From there on the route itself tells of what it answers and refuses.
    let isRouted = false;
    let actor: Actor | undefined;
    const trailFor = (actor: Actor | undefined) => audit?.trail({ requestId, from: message.ip, actor });
    try {
      const address = readAddress(message.url, server.base);
      form = await formOf(message, response, address.query);
      const matched = findRoute(router, message, address);
      asked = { ...asked, ...matched.address, interaction: matched.route.interaction, query: address.query };
      const formats = formatsOf(server, matched);
      const type = acceptedType(message, address.query, formats, readsBinary(matched));
      // What is in a Binary may be what the client accepts.
      if (type === undefined && !readsBinary(matched)) throw refuseAccept(message, formats);
      const format = formats.find((each) => each === type);
      // What the server can do is for all to read, who asks for anything else says who they are before a body is read.
      if (asked.interaction !== 'capabilities') actor = withPurpose(await authenticate(message), message);
      const bodyShare = bodies.open();
      response.once('close', bodyShare.release);
      const { request, body } = await readRequest(message, matched, address, limits, own, xml, bodyShare);
      // What is fetched later is the resource.
      if (format !== undefined && !request.prefer.respondAsync) request.format = format;
      const { present, allowance, share } = await presence(message, response, actor, trailFor(actor));
      const routed = () => {
        isRouted = true;
      };
      if (!body) routed();
      const answer = body
        ? await options.largeRequests.run(present, {
            segments: address.segments,
            ...{ request, body, allowance, routed },
          })
        : await matched.route.run(present, request);
      const content = type === undefined ? acceptedContent(message, answer) : undefined;
      await writeAnswer(response, server.base, request, answer, form, content, share);
    } catch (error) {
      const refusal = asRefusal(error, log, requestId);
      if (response.headersSent) {
        // Half an answer must not look like a whole one.
        response.destroy();
        return;
      }
      const untold = isRouted ? undefined : trailFor(actor);
      const told = await untold
        ?.open()
        .then(() => untold.refused(asked, refusal.status))
        .catch((failed) => asRefusal(failed, log, requestId));
      writeRefusal(response, told ?? refusal, form);
    }
    // Neither the address nor the body is logged: both name patients.
    log.debug({
      requestId,
      interaction: asked.interaction,
      status: response.statusCode,
      ms: Math.round(performance.now() - started),
    });
  });

  app.use((message: ExpressRequest, response: Response) => {
    writeRefusal(response, refuse(refusals.unknownRoute, [message.path.slice(0, 200)]), {
      type: 'application/fhir+json',
      pretty: false,
    });
  });
  app.use((error: unknown, _message: ExpressRequest, response: Response, _next: NextFunction) => {
    writeRefusal(response, asRefusal(error, log, randomUUID()), {
      type: 'application/fhir+json',
      pretty: false,
    });
  });
  return app;
}

/** What is known of a request that has not been read: its first part names the type where it names one. */
function unreadable({ method, path }: ExpressRequest): Asked {
  const known = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((each) => each === method) ?? 'GET';
  const [, type] = /^\/([A-Z][A-Za-z]{1,63})(?:\/|$)/.exec(path) ?? [];
  return { method: known, interaction: 'unknown', query: [], ...(type !== undefined && { type }) };
}

/** What the operation that is called answers in beside FHIR JSON. */
function formatsOf({ operations }: Server, { address }: Matched): readonly string[] {
  const { operation, type } = address;
  if (operation === undefined) return [];
  const called = operations.find(({ name, on }) => name === operation && (!type || on.types?.includes(type)));
  return called?.formats ?? [];
}

function findRoute(router: Router, { method }: ExpressRequest, { segments }: Address) {
  const known = method === 'HEAD' ? 'GET' : method;
  if (known === 'GET' || known === 'POST' || known === 'PUT' || known === 'PATCH' || known === 'DELETE')
    return router(known, segments);
  throw refuseMethod(method, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
}
