import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import type { Answer } from './answer.ts';
import type { Address } from './entry-request.ts';
import type { Request } from './request.ts';
import type { Server } from './server.ts';

/** The interactions of the RESTful API, by the codes of http://hl7.org/fhir/R4/valueset-restful-interaction.html. */
export type InteractionCode =
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'create'
  | 'search-type'
  | 'search-system'
  | 'capabilities'
  | 'transaction'
  | 'batch'
  | 'operation'
  // Not of that list: the addresses of the asynchronous pattern.
  | 'async-status'
  | 'async-cancel'
  | 'async-answer';

/**
 * One address of the API and what is done there. A segment of `path` is a fixed text, or takes what stands at its
 * place: `{type}` a resource type, `{id}`, `{versionId}`, `{operation}` a name with its dollar sign,
 * `{compartmentType}` a resource type or `*`.
 */
export interface Route {
  method: Request['method'];
  path: string;
  interaction: InteractionCode;
  run(server: Server, request: Request): Promise<Answer>;
}

const placeholders: Record<string, (segment: string) => boolean> = {
  '{type}': (segment) => /^[A-Z]/.test(segment),
  '{id}': (segment) => /^[^_$]/.test(segment),
  '{versionId}': (segment) => segment !== '',
  '{operation}': (segment) => segment.startsWith('$'),
  '{compartmentType}': (segment) => /^[A-Z*]/.test(segment),
};

/** A route with its path taken apart, once. */
interface Compiled {
  route: Route;
  segments: { name?: string; accepts(segment: string): boolean }[];
}

export interface Matched {
  route: Route;
  /** What stands at the placeholders. */
  address: Pick<Request, 'type' | 'id' | 'versionId' | 'operation' | 'compartmentType'>;
}

/** A function that finds the route for a method and address. It refuses with 404 or 405 where there is none. */
export function createRouter(
  routes: readonly Route[],
  resourceTypes: readonly string[],
): (method: Request['method'], segments: Address['segments']) => Matched {
  const types = new Set(resourceTypes);
  const compiled: Compiled[] = routes.map((route) => ({
    route,
    segments: route.path
      .split('/')
      .filter(Boolean)
      .map((part) => {
        const accepts = placeholders[part];
        return accepts ? { name: part.slice(1, -1), accepts } : { accepts: (segment) => segment === part };
      }),
  }));

  return (method, segments) => {
    const there = compiled.filter(
      (candidate) =>
        candidate.segments.length === segments.length &&
        candidate.segments.every((part, index) => part.accepts(segments[index]!)),
    );
    const found = there.find(({ route }) => route.method === method);
    if (!found) {
      throw there.length > 0
        ? refuseMethod(
            method,
            there.map(({ route }) => route.method),
          )
        : refuse(refusals.unknownRoute, [`/${segments.join('/')}`.slice(0, 200)]);
    }
    const address: Record<string, string> = {};
    for (const [index, { name }] of found.segments.entries()) if (name) address[name] = segments[index]!;
    for (const type of [address.type, address.compartmentType]) {
      if (type !== undefined && type !== '*' && !types.has(type))
        throw refuse(refusals.unknownType, [type.slice(0, 64)]);
    }
    return { route: found.route, address };
  };
}

/** "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110). */
export function refuseMethod(method: string, allowed: readonly Request['method'][]): Refusal {
  const { status, issues } = refuse(refusals.methodNotAllowed, [method.slice(0, 20)]);
  const names = new Set(allowed.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])));
  return new Refusal(status, issues, { Allow: [...names].join(', ') });
}
