import { randomUUID } from 'node:crypto';
import { readJson } from '../fhir/json/parse.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import type { StoredVersion } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { findMatch, readCondition, refuseCriteria } from './condition.ts';
import type { Repeat } from './guard.ts';
import type { Request } from './request.ts';
import { keeping, validResource } from './resource-body.ts';
import type { Server } from './server.ts';
import { write } from './write.ts';

/**
 * Creates a resource under an id of the server's choice (http://hl7.org/fhir/R4/http.html#create). With
 * `If-None-Exist` only when nothing matches: one match answers 200 with that resource, more are refused with 412. What
 * is filed (`Server.filings`) does what it says beside.
 */
export async function create(server: Server, request: Request): Promise<Answer> {
  const type = request.type!;
  refuseCriteria(server, type, request.query);
  const { body } = request;
  const filing =
    isResource(body) && server.filings?.find((each) => each.type === type && each.concerns(body));
  if (filing) return filing.file(server, request, body);
  const valid = validResource(server, request.body, type);
  const { resource, issues, isBroken } = valid;
  const condition =
    request.ifNoneExist === undefined ? undefined : readCondition(server, type, request.ifNoneExist);
  const id = randomUUID();

  return keeping(valid, () =>
    server.store.write(async (transaction): Promise<Answer> => {
      if (condition) {
        await transaction.exclusive(condition.key);
        const match = await findMatch(transaction, condition);
        if (match) {
          const repeats = [repeatOf(resource, match)];
          await write(server, transaction, [], { noted: issues, isBroken, repeats });
          return { status: 200, version: match, issues };
        }
      }
      const [kept] = await write(
        server,
        transaction,
        [{ method: 'POST', type, id, resource, replaced: undefined }],
        { noted: issues, isBroken },
      );
      return { status: 201, version: kept!.version, created: true, issues: [...issues, ...kept!.issues] };
    }),
  );
}

/** A conditional create that is not done, because of what matched its condition. */
export function repeatOf(sent: Resource, { type, id, text }: StoredVersion): Repeat {
  return { type, id, sent, stored: readJson(text!) as Resource };
}
