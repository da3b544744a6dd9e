import { elements, string } from '../../fhir/elements.ts';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { and } from '../../fhir/search/query.ts';
import { targetType } from '../../fhir/search/types/reference.ts';
import { inEntry } from '../../interactions/located.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { hasCode, hasConcept } from '../queries.ts';
import { createReferences, pathOf } from '../reference.ts';
import type { Sent } from '../submission/sent.ts';
import { codeSystems, messageDefinitionUrl } from '../vocabulary.ts';
import type { MessageEvent } from './events.ts';
import type { Message } from './message.ts';
import { messageRefusals } from './refusals.ts';

/** What says for which institution or service a MessageDefinition is (MessageDefinition.useContext.code). */
const venue = { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'venue' };

/** Of the definitions of one event, so many are looked at. */
const mostDefinitions = 200;

/**
 * The MessageDefinitions that a message of an event is held to: the one of the event, which a stored one under its URL
 * replaces, and those in force whose `useContext` of code `venue` names one of the `receivers`, a HealthcareService or
 * an Organization.
 */
export async function definitionsFor(
  { definitions, limits }: Server,
  reader: Reader,
  { code }: MessageEvent,
  receivers: readonly string[],
): Promise<Resource[]> {
  const found = await reader.search(
    {
      type: 'MessageDefinition',
      filter: and([hasConcept('event', codeSystems.messageEvent, code), hasCode('status', 'active')]),
      sort: [],
      limit: mostDefinitions,
    },
    { timeout: limits.searchTimeout },
  );
  const stored = found.map(({ version }) => JSON.parse(version.text) as Resource);
  const url = messageDefinitionUrl(code);
  const general = stored.find((each) => each.url === url) ?? definitions.find('MessageDefinition', url);
  const own = stored.filter((each) =>
    elements(each, 'useContext').some((context) => {
      const coding = elements(context, 'code')[0];
      const place = string(elements(context, 'valueReference')[0], 'reference');
      return coding?.code === venue.code && place !== undefined && receivers.includes(place);
    }),
  );
  return [...(general ? [general] : []), ...own.filter((each) => each !== general)];
}

/**
 * Who a message is for, as `Organization/[id]` and `HealthcareService/[id]`: its destination, the receiver of the
 * referral that it brings, and the `owner` of the Task on record unless the message is the owner's own.
 */
export async function receiversOf(
  { base, actor }: Server,
  reader: Reader,
  { header, sent }: Message,
  owner: string | undefined,
): Promise<string[]> {
  const references = createReferences(base);
  const named = [
    ...elements(header, 'destination').flatMap((each) => references.targets(each, 'receiver')),
    ...sent.flatMap(({ resource }) => {
      const member = { ServiceRequest: 'performer', Task: 'owner' }[resource.resourceType];
      return member === undefined ? [] : references.targets(resource, member);
    }),
  ].map(pathOf);
  const receivers = new Set(owner === undefined || owner === actor?.organization ? named : [...named, owner]);
  for (const path of named) {
    const [type, id] = path.split('/') as [string, string];
    const version = type === 'HealthcareService' ? await reader.read(type, id) : undefined;
    const service = version?.text ? (JSON.parse(version.text) as Resource) : undefined;
    const provider = references.target(service, 'providedBy', 'Organization');
    if (provider) receivers.add(pathOf(provider));
  }
  return [...receivers];
}

/**
 * What of a MessageDefinition a message does not meet: how many resources of a type it is about (`focus.min`,
 * `focus.max`), and the profile that each of them is held to. A header that names no focus is about all that it brings.
 */
export function breachesOf(
  { validator }: Pick<Server, 'validator'>,
  message: Message,
  definition: Resource,
): Issue[] {
  const title = string(definition, 'title') ?? string(definition, 'url') ?? 'MessageDefinition';
  return elements(definition, 'focus').flatMap((focus): Issue[] => {
    const type = String(focus.code);
    const about = inFocus(message, type);
    const { min = 0, max = '*' } = focus as { min?: number; max?: string };
    const count = String(about.length);
    const place = ['Bundle.entry[0].resource.focus'];
    if (about.length < min)
      return [...refuse(messageRefusals.focusMissing, [title, String(min), type, count], place).issues];
    if (max !== '*' && about.length > Number(max))
      return [...refuse(messageRefusals.focusTooMany, [title, max, type, count], place).issues];
    const profile = string(focus, 'profile');
    if (profile === undefined) return [];
    return about.flatMap((sent) =>
      sent === undefined
        ? []
        : validator
            .validateProfile(profile, sent.resource)
            .filter(isError)
            .map((issue) => inEntry({ ...issue, diagnostics: `${title}: ${profile}` }, sent.index)),
    );
  });
}

/** What of a type a message is about; undefined stands for what is not in it, but on record. */
function inFocus({ header, sent }: Message, type: string): (Sent | undefined)[] {
  const brought = sent.filter(({ resource }) => resource.resourceType === type);
  const focused = elements(header, 'focus').flatMap((reference: Element): (Sent | undefined)[] => {
    const link = string(reference, 'reference');
    const own = brought.find(
      ({ fullUrl, resource }) => link === fullUrl || link === `${type}/${resource.id}`,
    );
    if (own) return [own];
    const isElsewhere = link !== undefined && !link.startsWith('urn:');
    return (isElsewhere ? targetType(link) : string(reference, 'type')) === type ? [undefined] : [];
  });
  return focused.length > 0 ? focused : brought;
}
