import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../../fhir/resource.ts';
import type { Party } from './steps.ts';

/** Members that say nothing of the matter, or are the server's. */
const neutral: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'text',
  'lastModified',
  'language',
]);

/**
 * Which members of a Task each side may change, in a step or without one. All others stand from the submission on: who
 * sent the referral to whom, for whom and by which number cannot be rewritten.
 */
export const fields: Readonly<Record<Party, ReadonlySet<string>>> = {
  sender: new Set(['status', 'businessStatus', 'statusReason', 'input']),
  receiver: new Set([
    'status',
    'businessStatus',
    'statusReason',
    'input',
    'output',
    'note',
    'extension',
    'executionPeriod',
    'restriction',
  ]),
  'alliance-office': new Set(['status', 'businessStatus', 'statusReason', 'note']),
  system: new Set(['status', 'businessStatus', 'statusReason']),
};

/** The members that differ between two states of a Task. */
export function changedFields(before: Resource, after: Resource): string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...members].filter(
    (member) => !neutral.has(member) && !isDeepStrictEqual(before[member], after[member]),
  );
}
