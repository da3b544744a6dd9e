import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import pino from 'pino';
import { issuerOf } from '../access/identity/identity.ts';
import { keysOf } from '../access/identity/open.ts';
import { commandClient, makeCommandToken } from '../access/identity/tokens.ts';
import { Refusal } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { readAddress } from '../interactions/entry-request.ts';
import type { Request } from '../interactions/request.ts';
import { start } from '../main.ts';
import type { Settings } from '../settings.ts';
import { untilReady } from '../store/until-ready.ts';

/** The API as an administrator asks it. A refusal is thrown, with what the server says. */
export interface Administration {
  /** Undefined when there is nothing. */
  read(path: string): Promise<Resource | undefined>;
  search(path: string): Promise<Resource[]>;
  put(resource: Resource): Promise<void>;
}

type Ask = (
  method: 'GET' | 'PUT',
  path: string,
  body?: Resource,
) => Promise<{ status: number; body: Resource | undefined }>;

/**
 * Does administrators' work by the API, so that all that is checked there holds. Whoever can read the signing keys of the
 * server can make its tokens, so a command that runs where they are makes itself one, for a minute. Where no server is
 * running, one is built in this process for as long as the work takes.
 */
export async function administer<T>(
  settings: Settings,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  if (await isRunning(settings)) {
    const token =
      settings.auth === 'on'
        ? await makeCommandToken(
            { issuer: issuerOf(settings.baseUrl), keys: keysOf(settings) },
            settings.baseUrl,
          )
        : undefined;
    const path = new URL(settings.baseUrl).pathname;
    return work(through((method, below, body) => send(settings, method, `${path}/${below}`, token, body)));
  }
  const running = await start({ ...settings, port: 0, host: '127.0.0.1' }, pino({ level: 'silent' }));
  try {
    await untilReady(running.server.store);
    const server = {
      ...running.server,
      actor: { roles: ['administrator'], client: `Device/${commandClient}` },
    };
    return await work(
      through(async (method, below, body) => {
        const { segments, query } = readAddress(`/${below}`, server.base);
        const { route, address } = running.router(method, segments);
        const request: Request = { method, ...address, query, prefer: {}, ...(body && { body }) };
        try {
          const answer = await route.run(server, request);
          const text = answer.json ?? answer.version?.text;
          return { status: answer.status, body: text ? (JSON.parse(text) as Resource) : undefined };
        } catch (error) {
          if (error instanceof Refusal && error.status === 404) return { status: 404, body: undefined };
          throw error;
        }
      }),
    );
  } finally {
    await running.stop();
  }
}

function through(ask: Ask): Administration {
  async function asked(...[method, path, body]: Parameters<Ask>): Promise<Resource | undefined> {
    const answer = await ask(method, path, body);
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status >= 400) throw new Error(textOf(answer.body) ?? `The server answers ${answer.status}`);
    return answer.body;
  }
  return {
    read: (path) => asked('GET', path),
    search: async (path) => {
      const bundle = await asked('GET', path);
      const entries = (bundle?.entry ?? []) as { resource: Resource; search?: { mode: string } }[];
      return entries.filter(({ search }) => search?.mode !== 'outcome').map(({ resource }) => resource);
    },
    put: async (resource) => void (await asked('PUT', `${resource.resourceType}/${resource.id}`, resource)),
  };
}

function textOf(outcome: Resource | undefined): string | undefined {
  const issues = outcome?.issue as { details?: { text?: string } }[] | undefined;
  return issues?.map(({ details }) => details?.text).join('\n');
}

async function isRunning(settings: Settings): Promise<boolean> {
  try {
    return (await send(settings, 'GET', '/healthz', undefined)).status === 200;
  } catch {
    return false;
  }
}

/** Sends a request to the server of this machine. Its certificate is the one of the settings, whatever name it is for. */
function send(
  { host, port, tls }: Settings,
  method: string,
  path: string,
  token: string | undefined,
  body?: Resource,
): ReturnType<Ask> {
  const own = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const options = {
    host: own,
    port,
    method,
    path,
    timeout: 10_000,
    headers: {
      Accept: 'application/fhir+json, application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/fhir+json' }),
    },
    ...(tls && { ca: tls.cert, cert: tls.cert, key: tls.key, checkServerIdentity: () => undefined }),
  };
  return new Promise((resolve, reject) => {
    const sent = (tls ? requestSecure : requestPlain)(options, async (response) => {
      let text = '';
      response.setEncoding('utf8');
      for await (const part of response) text += part;
      try {
        resolve({ status: response.statusCode!, body: text ? (JSON.parse(text) as Resource) : undefined });
      } catch (error) {
        reject(error as Error);
      }
    });
    sent.once('timeout', () => sent.destroy(new Error('The server does not answer')));
    sent.once('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
