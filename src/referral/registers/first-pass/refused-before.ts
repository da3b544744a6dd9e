import { createHash } from 'node:crypto';
import { elements, extension } from '../../../fhir/elements.ts';
import type { Resource } from '../../../fhir/resource.ts';
import type { Records } from '../../context/records.ts';
import { numbersOf } from '../../referral-number.ts';
import { extensions } from '../../vocabulary.ts';

/** The id of the record of how often referrals under a number were refused; the number itself is not kept there. */
export function refusedId(number: string): string {
  return `refused-${createHash('sha256').update(number).digest('hex').slice(0, 40)}`;
}

/** How often a resource says that a referral was refused before it was accepted. */
export function refusedBefore(resource: Resource | null | undefined): number {
  const count = extension(resource, extensions.refusedBefore)?.valueUnsignedInt;
  return count === undefined ? 0 : Number(count);
}

/** How often a referral was refused under its numbers, as is on record. */
export async function refusalsOnRecord(referral: Resource | undefined, records: Records): Promise<number> {
  let count = 0;
  for (const number of numbersOf(referral ?? null))
    count = Math.max(count, refusedBefore(await records.find({ type: 'Basic', id: refusedId(number) })));
  return count;
}

/** The Task as it says how often its referral was refused before, whatever a client wrote there. */
export function withRefusedBefore(task: Resource, count: number): Resource {
  const others = elements(task, 'extension').filter(({ url }) => url !== extensions.refusedBefore);
  const { extension: _, ...rest } = task;
  const said = count > 0 ? [{ url: extensions.refusedBefore, valueUnsignedInt: count }] : [];
  return others.length + said.length === 0 ? rest : { ...rest, extension: [...others, ...said] };
}
