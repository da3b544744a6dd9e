import { elements } from '../../fhir/elements.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { hasIdentifier } from '../queries.ts';
import { createReferences, pathOf } from '../reference.ts';
import type { BundleEntry, ReferralBundle } from './bundle/bundle.ts';

/**
 * Refuses with 409 a row under the number of a referral on record whose findings, diagnoses or papers are not those that
 * it was sent with: else what is there would be answered, and what is new would not be known.
 */
export async function findChanged(
  { store, base }: Server,
  { bundle }: ReferralBundle,
): Promise<Refusal | undefined> {
  const referral = bundle.entry.at(-1)!;
  const found = await stored(store, referral);
  if (!found) return undefined;
  const references = createReferences(base);
  const listed = new Set(
    ['reasonReference', 'supportingInfo', 'insurance'].flatMap((member) =>
      references.targets(found, member).map(pathOf),
    ),
  );
  for (const [index, entry] of bundle.entry.entries()) {
    const isListed = ['reasonReference', 'supportingInfo', 'insurance'].some((member) =>
      elements(referral.resource, member).some(({ reference }) => reference === entry.fullUrl),
    );
    if (!isListed) continue;
    const before = await stored(store, entry);
    if (before && listed.has(`${before.resourceType}/${before.id}`)) continue;
    return new Refusal(409, [
      {
        severity: 'error',
        code: 'duplicate',
        text: {
          zh: '同一转诊单编号下已有内容不同的转诊单;更正请更新原单,新的转诊请用新编号',
          en: 'There is a referral with this number that says something else; update that one, or give a new referral a new number',
        },
        expression: [`Bundle.entry[${index}].resource`],
      },
    ]);
  }
  return undefined;
}

async function stored(
  store: Server['store'],
  { resource, request }: BundleEntry,
): Promise<Resource | undefined> {
  const token = request.ifNoneExist?.replace(/^identifier=/, '');
  if (token === undefined) return undefined;
  const filter = hasIdentifier('identifier', token);
  const [match] = await store.search({ type: resource.resourceType, filter, sort: [], limit: 1 });
  return match && (JSON.parse(match.version.text) as Resource);
}
