import { randomUUID } from 'node:crypto';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../../fhir/resource.ts';
import { elementsOf } from '../../fhir/search/elements.ts';
import { rewriteLinks } from '../../interactions/references.ts';
import { submissionRefusals } from './refusals.ts';
import type { Sent } from './sent.ts';

/** A resource of `$submit`, and where it stands in the Parameters. */
export interface SubmittedResource extends Sent {
  /** `Parameters.parameter[2].resource`, without the last step. */
  place: string;
}

/** The parameters that take one resource, with its type. */
const single: Readonly<Record<string, string>> = {
  referral: 'ServiceRequest',
  patient: 'Patient',
  task: 'Task',
  bundle: 'Bundle',
};

/**
 * The resources of `$submit`: those that are given one by one, and those of a Bundle. They refer to each other by the
 * ids that they are given in the request (`Patient/p1`, `urn:uuid:[id]`), or by the fullUrls of the Bundle. What follows
 * from their being sent together need not be said: whom the referral is about, and what the Task is of. Refuses with 400
 * what is no such Parameters, and with 413 more than `most` resources.
 */
export function submittedIn(
  definitions: Definitions,
  body: Resource | undefined,
  most: number,
): SubmittedResource[] {
  if (body?.resourceType !== 'Parameters') throw refuse(submissionRefusals.notParameters);
  const given = elements(body, 'parameter').flatMap((parameter, at): Omit<SubmittedResource, 'index'>[] => {
    const name = String(parameter.name);
    const { resource } = parameter;
    const type = single[name];
    const isKnown = isResource(resource) && (name === 'resource' || resource.resourceType === type);
    if (!isKnown) throw refuse(submissionRefusals.unknownParameter, [name.slice(0, 64)]);
    const place = `Parameters.parameter[${at}]`;
    return name === 'bundle' ? entriesOf(resource, place) : [{ place, resource, fullUrl: '' }];
  });
  if (given.length > most) throw refuse(refusals.bundleTooLarge, [String(most), String(given.length)]);
  const links = new Map<string, string>();
  const named = given.map((each, index) => {
    if (each.fullUrl !== '') return { ...each, index };
    const fullUrl = `urn:uuid:${randomUUID()}`;
    const { resourceType, id } = each.resource;
    for (const link of id === undefined ? [] : [`${resourceType}/${id}`, `urn:uuid:${id}`])
      links.set(link, fullUrl);
    return { ...each, index, fullUrl };
  });
  const linked = named.map((each) => ({
    ...each,
    resource: rewriteLinks(elementsOf(definitions), each.resource, (link, kind) =>
      kind === 'reference' ? links.get(link) : undefined,
    ),
  }));
  return together(linked);
}

function entriesOf(bundle: Resource, place: string): Omit<SubmittedResource, 'index'>[] {
  return elements(bundle, 'entry').flatMap((entry, at) => {
    const method = isElement(entry.request) ? String(entry.request.method) : 'POST';
    if (method !== 'POST' || !isResource(entry.resource))
      throw refuse(submissionRefusals.changingEntry, [method.slice(0, 10)]);
    const fullUrl = string(entry, 'fullUrl') ?? '';
    return { place: `${place}.resource.entry[${at}]`, resource: entry.resource, fullUrl };
  });
}

/** What is sent together with one referral is of it. */
function together(sent: readonly SubmittedResource[]): SubmittedResource[] {
  const of = (type: string) => sent.filter(({ resource }) => resource.resourceType === type);
  const [referral, ...others] = of('ServiceRequest');
  const [patient] = of('Patient');
  if (!referral || others.length > 0) return [...sent];
  const subject = referral.resource.subject ?? (patient && { reference: patient.fullUrl });
  return sent.map((each) => {
    const { resource } = each;
    if (each === referral && subject) return { ...each, resource: { ...resource, subject } };
    if (resource.resourceType !== 'Task') return each;
    const task = { focus: { reference: referral.fullUrl }, ...(subject && { for: subject }), ...resource };
    return { ...each, resource: task };
  });
}
