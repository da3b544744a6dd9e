import { randomUUID } from 'node:crypto';
import type { Resource } from '../../../src/fhir/resource.ts';
import { community, senders } from './community.ts';
import { person } from './numbers.ts';
import { type Part, parts, referralNumbers, referralOf, residentIds } from './referral.ts';

/** How many patients one bundle of the load brings; each has two referrals. */
const patientsPerBundle = 3;

/** The ids of what the load puts there: patient number `n` has the referrals `0` and `1`. */
export function loadedId(part: Part, patient: number, referral: 0 | 1): string {
  return part === 'Patient' ? `bench-${patient}` : `bench-${patient}-${referral}`;
}

/** The references between the parts of a referral that the load put there. */
export function loadedNames(patient: number, referral: 0 | 1): Record<Part, string> {
  return namesBy((part) => `${part}/${loadedId(part, patient, referral)}`);
}

/**
 * The bundles of the load, as JSON: the community first, then all patients, each with an older referral that was
 * taken back and a newer one that waits for an answer.
 */
export function* loadBundles(patients: number): Generator<string> {
  yield transactionOf(community.map((resource) => putEntry(resource, resource.id!)));
  for (let first = 0; first < patients; first += patientsPerBundle) {
    const count = Math.min(patientsPerBundle, patients - first);
    yield transactionOf(Array.from({ length: count }, (_, n) => patientEntries(first + n)).flat());
  }
}

/** A patient with two referrals, under ids of the load: eleven entries. */
export function patientEntries(patient: number): object[] {
  const [older, newer] = ([0, 1] as const).map((referral) =>
    referralOf({
      patient,
      number: `ZZ-${patient}-${referral}`,
      sender: senders[patient % 2]!,
      names: loadedNames(patient, referral),
      authored: new Date(Date.now() - (2 - referral) * 1_800_000),
    }),
  ) as [Record<Part, Resource>, Record<Part, Resource>];
  older.ServiceRequest.status = 'revoked';
  const entriesOf = (resources: Record<Part, Resource>, referral: 0 | 1, wanted: readonly Part[]) =>
    wanted.map((part) => putEntry(resources[part], loadedId(part, patient, referral)));
  return [
    ...entriesOf(older, 0, parts),
    ...entriesOf(
      newer,
      1,
      parts.filter((part) => part !== 'Patient'),
    ),
  ];
}

/** A new patient's whole referral as a vendor sends it: ids of the server's choice, and safe to be sent twice. */
export function wholeReferral(patient: number): string {
  const names = namesBy(() => `urn:uuid:${randomUUID()}`);
  const number = `ZZ-W-${patient}`;
  const resources = referralOf({
    patient,
    number,
    sender: senders[patient % 2]!,
    names,
    authored: new Date(),
  });
  const conditions: Partial<Record<Part, string>> = {
    Patient: `identifier=${residentIds}|${person(patient).residentId}`,
    ServiceRequest: `identifier=${referralNumbers}|${number}`,
  };
  return transactionOf(
    parts.map((part) => ({
      fullUrl: names[part],
      resource: resources[part],
      request: { method: 'POST', url: part, ...(conditions[part] && { ifNoneExist: conditions[part] }) },
    })),
  );
}

function namesBy(name: (part: Part) => string): Record<Part, string> {
  return Object.fromEntries(parts.map((part) => [part, name(part)])) as Record<Part, string>;
}

function putEntry(resource: Resource, id: string) {
  return {
    fullUrl: `urn:uuid:${randomUUID()}`,
    resource: { ...resource, id },
    request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
  };
}

/** A transaction of these entries, as JSON. */
export function transactionOf(entry: object[]): string {
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
}
