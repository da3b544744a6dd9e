import { readJson } from '../fhir/json/parse.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Server } from '../interactions/server.ts';
import { nextVersion } from '../interactions/version.ts';
import type { Transaction } from '../store/store.ts';

/** Who does a job, and for how long nobody else does. */
export interface Lease {
  job: string;
  /** A UUID of the server process. */
  holder: string;
  /** In milliseconds, from now on. */
  duration: number;
}

/**
 * Takes or renews the lease of a job within a transaction; false when another process has it. The lease is kept with
 * the work, so that work is durable only for the holder: where two processes come at one moment, one of the
 * transactions runs again and finds the other's lease. A holder that has died loses it when its time is over. The lease
 * is a Basic resource whose identifier names the holder, for a period; renewing it makes no new version.
 */
export async function hold(
  server: Server,
  transaction: Transaction,
  { job, holder, duration }: Lease,
): Promise<boolean> {
  await transaction.exclusive(`job ${job}`);
  const id = `job-${job}`;
  const stored = await transaction.read('Basic', id);
  const now = server.now();
  const present = stored?.text ? holderIn(readJson(stored.text) as Resource) : undefined;
  if (present && present.id !== holder && present.until > now) return false;
  const lease = leaseResource({ job, holder, duration }, now);
  if (stored?.text) {
    // The same version again, with the new holder and time.
    const before = { ...stored, version: stored.version - 1 };
    await transaction.amend(nextVersion(server, stored.method, id, lease, before, stored.updated));
  } else await transaction.put(nextVersion(server, 'PUT', id, lease, stored, now), stored);
  return true;
}

function leaseResource({ job, holder, duration }: Lease, now: number): Resource {
  return {
    resourceType: 'Basic',
    code: { text: `定时任务 ${job} 由此进程办理 / The job ${job} is done by this process` },
    identifier: [
      {
        use: 'temp',
        system: 'urn:ietf:rfc:3986',
        value: `urn:uuid:${holder}`,
        period: { start: new Date(now).toISOString(), end: new Date(now + duration).toISOString() },
      },
    ],
  };
}

/** The holder that a lease names, and until when; undefined when it is none. */
function holderIn({ identifier }: Resource): { id: string; until: number } | undefined {
  const [named] = Array.isArray(identifier) ? (identifier as (Element | undefined)[]) : [];
  const until = Date.parse(String((named?.period as Element | undefined)?.end));
  return typeof named?.value === 'string' && !Number.isNaN(until)
    ? { id: named.value.replace('urn:uuid:', ''), until }
    : undefined;
}
