import { refusals, refuse } from '../fhir/refusal.ts';
import { parseSearch, type SearchServer } from '../fhir/search/parse.ts';
import { and, type Query } from '../fhir/search/query.ts';
import { parseQuery, type QueryParameter } from '../interactions/request.ts';
import { isTopicUrl, type Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** What a subscription looks for: resources of a type that match, when they are written or when an event says so. */
export interface Watch {
  type: string;
  query: Query;
  /** By which writes; neither: by the event alone. */
  interactions: ReadonlySet<'create' | 'update'>;
  event?: string;
}

/** What criteria are read with. */
export interface WatchParts {
  searching: SearchServer;
  topics: ReadonlyMap<string, Topic>;
}

const everyWrite: ReadonlySet<'create' | 'update'> = new Set(['create', 'update']);

/**
 * What a subscription looks for, by its topic and filters or by its search. Refuses with 400 what is no search of this
 * server and unknown topics and filters, and says which there are.
 */
export function watchesOf(
  { criteria, filters }: Pick<Subscription, 'criteria' | 'filters'>,
  { searching, topics }: WatchParts,
): Watch[] {
  if (!isTopicUrl(criteria)) return [{ ...readSearch(criteria, searching), interactions: everyWrite }];
  const topic = topics.get(criteria.split('|', 1)[0]!);
  if (!topic) throw refuse(refusals.unknownTopic, [criteria.slice(0, 200), [...topics.keys()].join(', ')]);
  return topic.triggers.map(({ type, interactions, current, event }) => ({
    type,
    interactions,
    ...(event !== undefined && { event }),
    query: and([
      current === undefined ? { kind: 'all' } : parse(searching, type, parseQuery(current)),
      ...filters.map((filter) => parse(searching, type, readFilter(filter, type, topic))),
    ]),
  }));
}

/** The type and the filter of a search as it stands behind the base URL. */
function readSearch(criteria: string, searching: SearchServer): { type: string; query: Query } {
  const [path = '', query = ''] = splitAt(criteria.replace(/^\//, ''), '?');
  if (!searching.parameters.resourceTypes.includes(path) || path === 'AuditEvent')
    throw refuse(refusals.invalidParameter, [
      'criteria',
      {
        zh: '须为「类型?检索条件」,如 Task?owner=Organization/1,或主题的 URL',
        en: 'takes a search such as Task?owner=Organization/1, or the URL of a topic',
      },
    ]);
  return { type: path, query: parse(searching, path, decoded(query)) };
}

/** The parameters of a filter, all of which its topic must have. They may name the type, as `Task?owner=…` or `Task.owner=…`. */
function readFilter(filter: string, type: string, { filters }: Topic): QueryParameter[] {
  const query = filter.startsWith(`${type}?`) ? filter.slice(type.length + 1) : filter;
  const pairs = decoded(query).map(
    ([name, value]) => [name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name, value] as const,
  );
  const unknown = pairs.find(([name]) => !filters.includes(name.split(/[:.]/, 1)[0]!));
  if (pairs.length === 0 || unknown)
    throw refuse(refusals.unknownFilter, [(unknown?.[0] ?? filter).slice(0, 200), filters.join(', ')]);
  return pairs;
}

function parse(searching: SearchServer, type: string, query: readonly QueryParameter[]): Query {
  return parseSearch(searching, type, query, { handling: 'strict' }).filter;
}

function decoded(query: string): QueryParameter[] {
  try {
    return parseQuery(query);
  } catch {
    throw refuse(refusals.invalidParameter, [
      'criteria',
      { zh: '百分号编码有误', en: 'the percent-encoding is wrong' },
    ]);
  }
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
