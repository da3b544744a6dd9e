import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isElement, isResource } from '../fhir/resource.ts';
import { elementsOf } from '../fhir/search/elements.ts';
import type { Answer, Piece } from './answer.ts';
import { type AnswerBound, createAnswerBound } from './answer-bound.ts';
import { refusedEntry, responseBundle, responseEntry } from './bundle-response.ts';
import { readEntry } from './entry-request.ts';
import { rewriteLinks } from './references.ts';
import type { Preferences, Request } from './request.ts';
import type { Matched } from './route.ts';
import type { Server } from './server.ts';

/** How many entries run at the same time. */
const width = 8;

/** Finds what is to be done for the method and address of an entry. */
export type Router = (method: Request['method'], segments: string[]) => Matched;

/** An error that is not a Refusal, as one: the batch goes on, and the error is reported where errors are. */
export type Contain = (error: unknown) => Refusal;

/**
 * Runs the entries of a batch (http://hl7.org/fhir/R4/http.html#brules) independently of each other, several at a
 * time; what one is refused for does not touch the others.
 */
export async function batch(
  server: Server,
  entries: readonly unknown[],
  prefer: Preferences,
  router: Router,
  contain: Contain,
): Promise<Answer> {
  const created = new Set(entries.flatMap(createdUrl));
  const responses = new Array<Piece>(entries.length);
  const bound = createAnswerBound(server.limits.maxAnswerBytes, server.share);
  let next = 0;
  const worker = async () => {
    while (next < entries.length) {
      const index = next++;
      responses[index] = await runEntry(server, entries[index], created, prefer, router, contain, bound);
      await bound.giveWay();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, entries.length) }, worker));
  return responseBundle('batch-response', responses);
}

async function runEntry(
  server: Server,
  entry: unknown,
  created: ReadonlySet<string>,
  prefer: Preferences,
  router: Router,
  contain: Contain,
  bound: AnswerBound,
): Promise<Piece> {
  try {
    const asked = readEntry(server, entry, prefer);
    const { method, address, rest } = asked;
    if (method === 'GET') bound.refuseFurther();
    const matched = router(method, address.segments);
    if (matched.route.interaction === 'transaction')
      throw refuse(refusals.notImplemented, [{ zh: 'Bundle 中的 Bundle', en: 'a bundle within a bundle' }]);
    if (created.size > 0) refuseReferences(server, rest.body, created);
    const request = { method, query: address.query, ...matched.address, ...rest };
    return bound.take(responseEntry(server.base, asked, prefer, await matched.route.run(server, request)));
  } catch (error) {
    return refusedEntry(error instanceof Refusal ? error : contain(error));
  }
}

/** The fullUrl of an entry that creates a resource. */
function createdUrl(entry: unknown): string[] {
  if (!isElement(entry) || !isElement(entry.request) || entry.request.method !== 'POST') return [];
  return typeof entry.fullUrl === 'string' ? [entry.fullUrl] : [];
}

/**
 * "References within a Bundle.entry.resource to another Bundle.entry.resource that is being created within the batch
 * are considered to be non-conformant" (http://hl7.org/fhir/R4/http.html#brules): kept as it is, one would lead nowhere.
 */
function refuseReferences(server: Server, body: unknown, created: ReadonlySet<string>): void {
  if (!isResource(body) || body.resourceType === 'Bundle') return;
  rewriteLinks(elementsOf(server.definitions), body, (link, kind) => {
    if (kind === 'reference' && created.has(link))
      throw refuse(refusals.referenceInBatch, [link.slice(0, 100)]);
    return undefined;
  });
}
