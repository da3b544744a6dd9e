import type { Resource } from '../../../fhir/resource.ts';
import type { RefusedListener } from '../../../interactions/refused-content.ts';
import type { Server } from '../../../interactions/server.ts';
import { nextVersion } from '../../../interactions/version.ts';
import { isReferral } from '../../recognise.ts';
import { numbersOf } from '../../referral-number.ts';
import { extensions } from '../../vocabulary.ts';
import { refusedBefore, refusedId } from './refused-before.ts';

/** So many numbers of one request are counted. */
const mostNumbers = 100;

/** The statuses of what is refused for being incomplete or wrong, not for who sends it or for what is on record. */
const forContent: ReadonlySet<number> = new Set([400, 422]);

/**
 * Counts, under its number, how often a referral was refused before it was accepted: what the first-pass rate (一次通过率)
 * is taken from. Nothing of the referral is kept, the number as its hash, and each count takes the place of the one before.
 */
export function recordRefused(
  server: () => Pick<Server, 'store' | 'base' | 'parameters' | 'definitions' | 'now'>,
): RefusedListener {
  return async ({ status, content }) => {
    if (!forContent.has(status)) return;
    const numbers = content.filter(
      (resource) => resource.resourceType === 'ServiceRequest' && isReferral(resource),
    );
    for (const number of numbers.flatMap((referral) => numbersOf(referral)).slice(0, mostNumbers))
      await count(number, server() as Server);
  };
}

async function count(number: string, server: Server): Promise<void> {
  const id = refusedId(number);
  await server.store.write(async (transaction) => {
    await transaction.exclusive(`Basic/${id}`);
    const stored = await transaction.read('Basic', id);
    const before = stored?.text ? (JSON.parse(stored.text) as Resource) : undefined;
    const record: Resource = {
      resourceType: 'Basic',
      extension: [{ url: extensions.refusedBefore, valueUnsignedInt: refusedBefore(before) + 1 }],
      code: { text: '提交前被拒次数 / How often a referral was refused' },
    };
    const now = server.now();
    if (stored?.text) {
      // The same version again: a history of it would tell nothing.
      const replaced = { ...stored, version: stored.version - 1 };
      await transaction.amend(nextVersion(server, stored.method, id, record, replaced, stored.updated));
    } else await transaction.put(nextVersion(server, 'PUT', id, record, stored, now), stored);
  });
}
