import { elements } from '../../../fhir/elements.ts';
import type { Resource } from '../../../fhir/resource.ts';
import type { Reader } from '../../../store/store.ts';
import { refersTo } from '../../queries.ts';
import type { References, Target } from '../../reference.ts';
import { type ReferralRecord, readFrom } from '../record/referral-record.ts';
import { type Held, heldOf, openShelf } from '../record/shelf.ts';

/** A consent is given for one referral, which has few Tasks: of several the latest counts. */
const latest = 1;

/**
 * Reads a consent and the referral that it is about: the one that its provision names, else the one that brings it along
 * (ServiceRequest.supportingInfo). Without one it is about the patient alone. The signed copy is what `sourceReference`
 * leads to.
 */
export async function readConsent(
  consent: Held,
  reader: Reader,
  references: References,
): Promise<ReferralRecord> {
  const { resource } = consent;
  const shelf = openShelf(reader, references);
  const target = namedBy(resource, references) ?? (await bringing(consent, reader));
  const [referral, task] = await Promise.all([shelf.take(target), target && taskOf(target, reader)]);
  const [organization] = elements(resource, 'organization');
  const [record] = await Promise.all([
    readFrom(
      {
        task,
        referral,
        patient: elements(resource, 'patient')[0],
        sender: elements(task?.resource, 'requester')[0] ?? organization,
        receiver: elements(task?.resource, 'owner')[0] ?? elements(referral?.resource, 'performer')[0],
      },
      { shelf, references },
    ),
    shelf.follow(resource, 'sourceReference'),
    shelf.follow(resource, 'organization'),
    shelf.follow(resource, 'performer'),
  ]);
  return record;
}

function namedBy(consent: Resource, references: References): Target | undefined {
  return elements(elements(consent, 'provision')[0], 'data')
    .flatMap((data) => references.target(data, 'reference', 'ServiceRequest') ?? [])
    .at(0);
}

async function bringing({ version }: Held, reader: Reader): Promise<Target | undefined> {
  const filter = refersTo('supporting-info', { type: 'Consent', id: version.id });
  const [found] = await reader.search({ type: 'ServiceRequest', filter, sort: [], limit: latest });
  return found && { type: 'ServiceRequest', id: found.version.id };
}

async function taskOf(referral: Target, reader: Reader): Promise<Held | undefined> {
  const filter = refersTo('focus', referral);
  const [found] = await reader.search({ type: 'Task', filter, sort: [], limit: latest });
  return heldOf(found?.version);
}
