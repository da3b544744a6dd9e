import { refusals, refuse } from '../../fhir/refusal.ts';
import { and, not, or, prefixQuery, type Query } from '../../fhir/search/query.ts';
import type { Include } from '../../fhir/search/result-parameters.ts';
import { invalid } from '../../fhir/search/values.ts';
import type { Actor } from '../../interactions/actor.ts';
import { followIncludes } from '../../interactions/include.ts';
import { openPosition, operationLink } from '../../interactions/links.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { findPage, pageBytes, type TypedPosition } from '../../interactions/page.ts';
import { entryOf, type Link, searchset } from '../../interactions/searchset.ts';
import type { Server } from '../../interactions/server.ts';
import { hasCode, refersTo } from '../queries.ts';
import { createReferences } from '../reference.ts';
import { appointmentOperationUrl } from '../vocabulary.ts';

const names = ['organization', 'department', 'day', '_count'];
/** Parameters of the answer's form, which are not this operation's business. */
const formNames = ['_format', '_pretty', '_cursor'];

/** How many slots a page has when nothing is said, and at most. */
const usualCount = 50;
const largestCount = 200;

const day = 86_400_000;

const earliestFirst = [{ key: 'start', descending: false }];

/** What a slot is of: its schedule, and whose that is. */
const includes: readonly Include[] = [
  { type: 'Slot', parameter: 'schedule', iterate: true },
  { type: 'Schedule', parameter: 'actor', iterate: true },
];

/**
 * `Appointment/$find?organization=Organization/[id]&department=HealthcareService/[id]&day=2026-12-01`: the free slots
 * that lie ahead, earliest first, a page at a time, as a searchset; their schedules and departments are included. All
 * parameters can be left out. Slots that are reserved for people of a function, as family doctors, are listed only for
 * who acts in it.
 */
export const find: Operation = {
  name: '$find',
  definition: appointmentOperationUrl('$find'),
  on: { type: true, types: ['Appointment'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { base, store, cursor } = request;
  const { filter, count, position } = readQuestion(request, server);
  const after = position === undefined ? undefined : openPosition<TypedPosition>(cursor, position);
  const page = await findPage(store, {
    searches: [{ type: 'Slot', filter }],
    sort: earliestFirst,
    after,
    size: count,
    bytes: pageBytes(server.limits),
  });
  const included = await followIncludes(server, page.matches, { include: includes, revinclude: [] });
  const links: Link[] = [{ relation: 'self', url: operationLink(request, '$find') }];
  if (page.next)
    links.push({ relation: 'next', url: operationLink(request, '$find', cursor.seal(page.next)) });
  return {
    status: 200,
    json: searchset(base, links, [
      ...page.matches.map((match) => entryOf(match, 'match')),
      ...included.matches.map((match) => entryOf(match, 'include')),
    ]),
  };
}

/** Reads the parameters; refuses with 400 what is unknown, given twice or not of its form. */
function readQuestion(
  { parameters, base }: OperationRequest,
  server: Server,
): { filter: Query; count: number; position: string | undefined } {
  for (const [name, values] of parameters) {
    if (!names.includes(name) && !formNames.includes(name))
      throw refuse(refusals.unknownParameter, ['$find', name.slice(0, 64), names.join(', ')]);
    if (values.length > 1) throw invalid(name, { zh: '只能给一次', en: 'it can be given only once' });
  }
  const one = (name: string) => parameters.get(name)?.[0] || undefined;
  const named = (name: string, type: string) => {
    const value = one(name);
    if (value === undefined) return undefined;
    const reference = value.includes('/') ? value : `${type}/${value}`;
    const target = createReferences(base).target({ [name]: { reference } }, name, type);
    return target ?? refuseReference(name, type);
  };
  const organization = named('organization', 'Organization');
  const department = named('department', 'HealthcareService');
  const count = one('_count') ?? String(usualCount);
  if (!/^[1-9]\d{0,8}$/.test(count))
    throw invalid('_count', { zh: '须为正整数', en: 'it must be a positive integer' });
  return {
    filter: and([
      hasCode('status', 'free'),
      within(one('day'), server.now()),
      visibleTo(server.actor),
      ...(department ? [ofSchedule(refersTo('actor', department))] : []),
      ...(organization
        ? [
            ofSchedule(
              or(
                ['HealthcareService', 'PractitionerRole', 'Location'].map(
                  (target): Query => ({
                    kind: 'chain',
                    name: 'actor',
                    target,
                    filter: refersTo('organization', organization),
                  }),
                ),
              ),
            ),
          ]
        : []),
    ]),
    count: Math.min(Number(count), largestCount),
    position: one('_cursor'),
  };
}

function ofSchedule(filter: Query): Query {
  return { kind: 'chain', name: 'schedule', target: 'Schedule', filter };
}

/** What starts on a day of the community's clock (UTC+8), in any case after now. */
function within(date: string | undefined, now: number): Query {
  if (date === undefined) return { kind: 'interval', name: 'start', low: { gt: now } };
  const midnight = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00+08:00`) : Number.NaN;
  if (Number.isNaN(midnight))
    throw invalid('day', { zh: '须为日期,如 2026-12-01', en: 'it must be a date such as 2026-12-01' });
  return { kind: 'interval', name: 'start', low: { gt: now, gte: midnight, lt: midnight + day } };
}

/** Slots for all, and those that are reserved for a function that the actor has. */
function visibleTo(actor: Actor | undefined): Query {
  const isReserved = prefixQuery('reserved-for|');
  return or([not(isReserved), ...(actor?.roles ?? []).map((role) => hasCode('reserved-for', role))]);
}

function refuseReference(name: string, type: string): never {
  throw invalid(name, { zh: `须为 ${type}/[id] 或其 id`, en: `it must be ${type}/[id], or its id` });
}
