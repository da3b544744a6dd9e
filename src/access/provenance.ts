import { randomUUID } from 'node:crypto';
import type { Resource } from '../fhir/resource.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Server } from '../interactions/server.ts';
import { nextVersion } from '../interactions/version.ts';
import type { IndexedVersion, Transaction } from '../store/store.ts';

/** What has no Provenance of its own: it is one, or it is nobody's data. */
const without: ReadonlySet<string> = new Set(['AuditEvent', 'Basic', 'Provenance', 'Slot']);

const dataOperation = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const participants = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const activities = { POST: 'CREATE', PUT: 'UPDATE', PATCH: 'UPDATE', DELETE: 'DELETE' } as const;

/** Signs what one transaction has written. */
export type Sign = (transaction: Transaction, written: readonly IndexedVersion[]) => Promise<void>;

/**
 * Keeps, with each transaction, one Provenance (http://hl7.org/fhir/R4/provenance.html) of all versions that it has made:
 * who has written them, for which organization, when. It is the server's word, whatever a client may claim in another.
 */
export function signAs(server: Server, actor: Actor): Sign {
  return async (transaction, written) => {
    const signed = written.filter(({ type }) => !without.has(type));
    const [first] = signed;
    if (!first) return;
    const now = server.now();
    const id = randomUUID();
    const provenance: Resource = {
      resourceType: 'Provenance',
      target: signed.map(({ type, id, version }) => ({ reference: `${type}/${id}/_history/${version}` })),
      recorded: new Date(now).toISOString(),
      ...(signed.every(({ method }) => method === first.method) && {
        activity: { coding: [{ system: dataOperation, code: activities[first.method] }] },
      }),
      agent: agentsOf(actor),
    };
    await transaction.put(nextVersion(server, 'POST', id, provenance, undefined, now));
  };
}

function agentsOf({ organization, client, person }: Actor): object[] {
  const agent = (code: string, who: object, more: object = {}) => ({
    type: { coding: [{ system: participants, code }] },
    who,
    ...more,
  });
  const onBehalfOf = organization === undefined ? {} : { onBehalfOf: { reference: organization } };
  const [author, transmitter] = [person, client].filter((each) => each !== undefined);
  if (author === undefined)
    return [
      agent('author', organization === undefined ? { display: 'unknown' } : { reference: organization }),
    ];
  return [
    agent('author', { reference: author }, onBehalfOf),
    ...(transmitter === undefined ? [] : [agent('transmitter', { reference: transmitter }, onBehalfOf)]),
  ];
}
