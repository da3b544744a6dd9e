import { hash } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** What a client asks by that wants to know what is new: since when. */
const since: ReadonlySet<string> = new Set(['_lastUpdated', '_since']);

/**
 * The answer to who asks for what is new, with a weak entity tag of all that it shows; 304 without a body where that is
 * what the client has (`If-None-Match`, http://hl7.org/fhir/R4/http.html#cread). The tag is made of the very texts that
 * who asks is shown, so that 304 never hides a change from them, be it one of rights or of labels; what it costs is what
 * is found, by the index of the search, and mostly that is nothing. Others are given no tag, and pay nothing.
 */
export function asPoll(request: Request, answer: Answer & { json: string }): Answer {
  const { method, query, ifNoneMatch } = request;
  const isPoll = ifNoneMatch !== undefined || query.some(([name]) => since.has(name));
  if (method !== 'GET' || !isPoll) return answer;
  const tag = `W/"${hash('sha256', answer.json, 'base64url')}"`;
  const headers = { ...answer.headers, ETag: tag };
  return ifNoneMatch !== undefined && names(ifNoneMatch, tag)
    ? { status: 304, headers }
    : { ...answer, headers };
}

/** "A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match" (RFC 9110, 13.1.2). */
function names(tags: string, tag: string): boolean {
  const opaque = (each: string) => each.trim().replace(/^W\//, '');
  return tags.split(',').some((each) => opaque(each) === opaque(tag));
}
