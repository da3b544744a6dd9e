import type { Definitions } from '../fhir/definitions/definitions.ts';
import { elements, string } from '../fhir/elements.ts';
import type { Element, Resource } from '../fhir/resource.ts';

/** When something is to be told: a resource of a type was written, or an instant has come. */
export interface Trigger {
  type: string;
  interactions: ReadonlySet<'create' | 'update'>;
  /** What the resource must match, written as in an address without the type. */
  current?: string;
  /** For a trigger that is no write: its code, such as `overdue`. */
  event?: string;
}

/** What one can subscribe to. */
export interface Topic {
  url: string;
  title: string;
  triggers: readonly Trigger[];
  /** The search parameters that subscribers may filter by. */
  filters: readonly string[];
  /** Includes (`Task:focus`) that come along with the focus. */
  includes: readonly string[];
}

/** R5's SubscriptionTopic in R4: a Basic whose extensions are its elements (http://hl7.org/fhir/R5/versions.html#extensions). */
const element = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.';
const isTopic = (resource: Resource) =>
  string(elements(resource, 'extension').find(named('url')), 'valueUri');

const named = (name: string) => (extension: Element) => extension.url === element + name;

/** The topics of the definitions that are not retired, by their canonical URLs. */
export function topicsOf(definitions: Definitions): ReadonlyMap<string, Topic> {
  const topics = definitions
    .all('Basic')
    .filter((basic) => isTopic(basic) && statusOf(basic) !== 'retired')
    .map(readTopic);
  return new Map(topics.map((topic) => [topic.url, topic]));
}

function statusOf(basic: Resource): string | undefined {
  return string(elements(basic, 'modifierExtension').find(named('status')), 'valueCode');
}

/** Reads a topic from its Basic. */
export function readTopic(basic: Resource): Topic {
  const all = elements(basic, 'extension');
  const parts = (name: string) => all.filter(named(name)).map(membersOf);
  return {
    url: string(all.find(named('url')), 'valueUri') ?? '',
    title: string(all.find(named('title')), 'valueString') ?? '',
    triggers: [
      ...parts('resourceTrigger').map((trigger) => ({
        type: typeOf(trigger.get('resource')?.[0]),
        interactions: new Set((trigger.get('supportedInteraction') ?? []) as ('create' | 'update')[]),
        ...currentOf(trigger),
      })),
      ...parts('eventTrigger').map((trigger) => ({
        type: typeOf(trigger.get('resource')?.[0]),
        interactions: new Set<never>(),
        event: codeOf(trigger.get('event')?.[0]),
      })),
    ],
    filters: parts('canFilterBy').flatMap((filter) => (filter.get('filterParameter') ?? []) as string[]),
    includes: parts('notificationShape').flatMap((shape) => (shape.get('include') ?? []) as string[]),
  };
}

/** The values of the extensions within one, by their names; of one that has further ones, these. */
function membersOf(extension: Element): Map<string, unknown[]> {
  const members = new Map<string, unknown[]>();
  for (const each of elements(extension, 'extension')) {
    const [, value] = Object.entries(each).find(([name]) => name.startsWith('value')) ?? [undefined, each];
    const name = String(each.url);
    members.set(name, [...(members.get(name) ?? []), value]);
  }
  return members;
}

function currentOf(trigger: ReadonlyMap<string, unknown[]>): { current?: string } {
  const [criteria] = (trigger.get('queryCriteria') ?? []) as Element[];
  const [current] = criteria ? (membersOf(criteria).get('current') ?? []) : [];
  return typeof current === 'string' ? { current } : {};
}

function typeOf(uri: unknown): string {
  return String(uri).split('/').at(-1)!;
}

function codeOf(concept: unknown): string {
  return String((elements(concept as Element, 'coding')[0] as { code?: unknown } | undefined)?.code);
}
