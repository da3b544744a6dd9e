import type { Actor } from '../../interactions/actor.ts';
import type { Answer } from '../../interactions/answer.ts';
import type { Asked, Trail } from '../../interactions/audited.ts';
import { formatQuery } from '../../interactions/request.ts';
import { concerned, concernedByRefused } from './patients.ts';
import { type Acting, type AuditRecord, lineOf } from './record.ts';
import type { AuditWriter } from './writer.ts';

/** Longest query that is kept, in characters. */
const longestQuery = 4_000;
/** One record names so many patients at most; what concerns more has several. */
const mostPatients = 200;

/** What is known of a request before it is read. */
export interface RequestOrigin {
  requestId: string;
  /** Address of the client. */
  from: string | undefined;
  /** Undefined: unknown. */
  actor?: Actor | undefined;
}

/** Records the accesses of one request. */
export function trailOf(
  writer: AuditWriter,
  base: string,
  now: () => number,
  { requestId, from, actor }: RequestOrigin,
): Trail {
  const keep = (asked: Asked, status: number, patients: Set<string>, answer?: Answer): Promise<void> => {
    const record: AuditRecord = {
      at: now(),
      request: requestId,
      did: asked.interaction,
      method: asked.method,
      status,
      ...(from !== undefined && { from }),
      ...about(asked, answer),
      ...(actor && { by: actingOf(actor) }),
    };
    // What changes something is acknowledged only when its record is as durable as itself.
    const mustBeDurable = status < 400 && changes(asked);
    return writer.keep(linesOf(record, patients), mustBeDurable);
  };
  return {
    open: () => writer.open(),
    answered: (asked, answer) => keep(asked, answer.status, concerned(base, asked, answer), answer),
    refused: (asked, status) => keep(asked, status, concernedByRefused(base, asked)),
  };
}

/** The lines of a record, which are several where it concerns very many patients. */
function linesOf(record: AuditRecord, patients: ReadonlySet<string>): string[] {
  if (patients.size === 0) return [lineOf(record)];
  const ids = [...patients];
  return Array.from({ length: Math.ceil(ids.length / mostPatients) }, (_, n) =>
    lineOf({ ...record, patients: ids.slice(n * mostPatients, (n + 1) * mostPatients) }),
  );
}

function changes({ method, interaction }: Asked): boolean {
  return method !== 'GET' && interaction !== 'search-type' && interaction !== 'search-system';
}

function about(asked: Asked, answer?: Answer): Pick<AuditRecord, 'on' | 'query'> {
  const { type, interaction } = asked;
  const id = asked.id ?? (interaction === 'operation' ? undefined : answer?.version?.id);
  const isWhole = asked.query.length === 0 && !asked.operation && !asked.compartmentType;
  const on = type === undefined ? undefined : id === undefined ? type : `${type}/${id}`;
  const saysMore = !isWhole || interaction.startsWith('search');
  return {
    ...(on !== undefined && { on: on.slice(0, 130) }),
    ...(saysMore && { query: addressOf(asked).slice(0, longestQuery) }),
  };
}

/** What was asked, with its query; that of a search by POST came in its body. */
function addressOf({ type, id, versionId, compartmentType, operation, query }: Asked): string {
  const path = [type, id, versionId && `_history/${versionId}`, compartmentType, operation];
  const address = path.filter(Boolean).join('/');
  return query.length > 0 ? `${address}?${formatQuery(query)}` : address;
}

function actingOf({ client, person, organization, roles, purpose }: Actor): Acting {
  return {
    ...(client !== undefined && { client }),
    ...(person !== undefined && { person }),
    ...(organization !== undefined && { organization }),
    ...(roles && roles.length > 0 && { roles }),
    ...(purpose !== undefined && { purpose }),
  };
}
