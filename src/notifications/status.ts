import { readJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Server } from '../interactions/server.ts';
import { nextVersion } from '../interactions/version.ts';
import type { Status } from './subscription.ts';

/** The longest problem that is kept in `Subscription.error`. */
const longest = 500;

/**
 * Keeps the status of a subscription, and why it is in error, as a version of its own. What a client has changed
 * meanwhile stands: a subscription that is off stays off, and one that is another is asked for anew.
 */
export async function keepStatus(
  server: Pick<Server, 'store' | 'parameters' | 'base' | 'now'>,
  { id, status: from }: { id: string; status: Status },
  status: Status,
  problem?: string,
): Promise<void> {
  await server.store.write(async (transaction) => {
    const replaced = await transaction.read('Subscription', id);
    if (!replaced?.text) return;
    const { error: _, ...resource } = readJson(replaced.text) as Resource;
    if (resource.status !== from || from === status) return;
    const next: Resource = {
      ...resource,
      resourceType: 'Subscription',
      status,
      ...(problem !== undefined && { error: problem.slice(0, longest) }),
    };
    await transaction.put(nextVersion(server, 'PUT', id, next, replaced, server.now()), replaced);
  });
}
