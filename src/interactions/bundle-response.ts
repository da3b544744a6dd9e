import { operationOutcome } from '../fhir/outcome.ts';
import type { Refusal } from '../fhir/refusal.ts';
import { type Answer, done, entityTag, type Piece, textOf, versionedPath } from './answer.ts';
import type { EntryRequest } from './entry-request.ts';
import type { Preferences } from './request.ts';

/**
 * The JSON of an entry of a batch-response or transaction-response
 * (http://hl7.org/fhir/R4/http.html#transaction-response).
 */
export function responseEntry(
  base: string,
  { method, isHead }: Pick<EntryRequest, 'method' | 'isHead'>,
  prefer: Preferences,
  answer: Answer,
): string {
  const { version, issues = [] } = answer;
  const reads = method === 'GET';
  const outcome = issues.length === 0 && !reads && prefer.return === 'OperationOutcome' ? [done] : issues;
  const response = {
    status: String(answer.status),
    ...(version && !reads && version.text !== null && { location: `${base}/${versionedPath(version)}` }),
    ...(version && { etag: entityTag(version), lastModified: new Date(version.updated).toISOString() }),
    ...(outcome.length > 0 && { outcome: operationOutcome(outcome) }),
  };
  const shown = reads
    ? answer.status !== 304 && !isHead
    : answer.json !== undefined || prefer.return === 'representation';
  const body = shown ? (answer.json ?? version?.text) : undefined;
  const fullUrl =
    version && version.text !== null
      ? `"fullUrl":${JSON.stringify(`${base}/${version.type}/${version.id}`)},`
      : '';
  return `{${fullUrl}${body ? `"resource":${body},` : ''}"response":${JSON.stringify(response)}}`;
}

/** The entry of a batch-response that was refused. */
export function refusedEntry(refusal: Refusal): string {
  return JSON.stringify({
    response: { status: String(refusal.status), outcome: operationOutcome(refusal.issues) },
  });
}

/** Longer bundles are sent in pieces, in characters or bytes. */
const longText = 1_048_576;

/** The answer to a bundle whose entries have been answered: one text, or its pieces where they are long together. */
export function responseBundle(
  type: 'batch-response' | 'transaction-response',
  entries: readonly Piece[],
): Pick<Answer, 'status' | 'json' | 'pieces'> {
  const head = `{"resourceType":"Bundle","type":"${type}"`;
  // FHIR's JSON has no empty arrays.
  if (entries.length === 0) return { status: 200, json: `${head}}` };
  const pieces = entries.flatMap((entry, n) => (n === 0 ? entry : [',', entry]));
  const all = [`${head},"entry":[`, ...pieces, ']}'];
  const length = entries.reduce((sum, entry) => sum + entry.length, 0);
  return length > longText ? { status: 200, pieces: all } : { status: 200, json: all.map(textOf).join('') };
}
