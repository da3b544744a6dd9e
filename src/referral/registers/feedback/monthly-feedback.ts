import { randomUUID } from 'node:crypto';
import { codesOf, elements, string } from '../../../fhir/elements.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { and, or, type Query } from '../../../fhir/search/query.ts';
import { invalid } from '../../../fhir/search/values.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../../interactions/operation.ts';
import { creationOf } from '../../../interactions/operation-changes.ts';
import { pageBytes } from '../../../interactions/page.ts';
import type { Server } from '../../../interactions/server.ts';
import { write } from '../../../interactions/write.ts';
import type { Match, Reader } from '../../../store/store.ts';
import { hasConcept, refersTo } from '../../queries.ts';
import { createReferences, pathOf, type Target } from '../../reference.ts';
import { codeSystems, monthlyFeedbackUrl } from '../../vocabulary.ts';
import { admitToCases } from '../asker.ts';
import { taskPages } from '../cases.ts';
import { daysAfter, localDay, localInstant, startOfDay } from '../local-time.ts';
import { one, periodIn, refuseUnknown, target } from '../parameters.ts';
import { type ReportPeriod, readPeriod } from '../period.ts';

/** What tells of an episode: it refers to it by `encounter`. */
const told = [
  'Condition',
  'Observation',
  'DiagnosticReport',
  'MedicationRequest',
  'CarePlan',
  'Composition',
] as const;

const inpatient = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const mostEpisodes = 1_000;
const mostTold = 5_000;
const pageSize = 200;
/** So long before the end of an episode its referral was written at most, in milliseconds. */
const longestStay = 180 * 86_400_000;

/**
 * `Organization/[id]/$monthly-feedback` (每月反馈): what became in hospital of the residents whom a township has referred:
 * each inpatient episode that ended within a month (the one before this, when nothing is said), with its diagnosis,
 * results, medicines and plan, as one collection Bundle. With `deliver=true`, by POST, the delivery is recorded as a
 * Communication to the township, by which a subscription tells it.
 */
export const monthlyFeedback: Operation = {
  name: '$monthly-feedback',
  definition: monthlyFeedbackUrl,
  on: { system: true, instance: true, types: ['Organization'] },
  // It is asked for by GET; the record of a delivery is made by POST alone.
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  admitToCases(server.actor);
  const { parameters, id, store, base } = request;
  refuseUnknown('$monthly-feedback', parameters, [
    'organization',
    'period',
    'periodStart',
    'periodEnd',
    'deliver',
  ]);
  const organization =
    id === undefined ? target(parameters, 'organization', ['Organization']) : { type: 'Organization', id };
  if (!organization) throw invalid('organization', { zh: '必须给出', en: 'it is required' });
  const period = periodIn(parameters) ?? monthBefore(server.now());
  const resources = await episodesOf(organization, period, store, { base, bytes: pageBytes(server.limits) });
  const bundle = {
    resourceType: 'Bundle',
    language: 'zh-CN',
    identifier: {
      system: 'https://w3id.org/zhuanzhen/sid/monthly-feedback',
      value: `${period.name}/${organization.id}`,
    },
    type: 'collection',
    timestamp: localInstant(server.now()),
    ...(resources.length > 0 && {
      entry: resources.map((resource) => ({
        fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
        resource,
      })),
    }),
  };
  // Only by POST there is a body: a GET changes nothing.
  if (one(parameters, 'deliver') !== 'true' || !request.body) return { status: 200, resource: bundle };
  const communication = await deliver(organization, period, resources, server);
  return { status: 200, resource: { ...bundle, entry: [communication, ...(bundle.entry ?? [])] } };
}

function monthBefore(now: number): ReportPeriod {
  const first = `${localDay(now).slice(0, 7)}-01`;
  return readPeriod(daysAfter(first, -1).slice(0, 7))!;
}

/** The inpatient episodes of a township's referrals that ended within a period, each with what tells of it. */
async function episodesOf(
  organization: Target,
  period: ReportPeriod,
  reader: Reader,
  { base, bytes }: { base: string; bytes: number },
): Promise<Resource[]> {
  const references = createReferences(base);
  const encounters = new Map<string, string | undefined>();
  const window = { from: period.from - longestStay, until: period.until };
  const filter = or([refersTo('sender', organization), refersTo('receiver', organization)]);
  for await (const found of taskPages(() => reader, window, filter, { each: pageSize })) {
    for (const { task } of found) {
      for (const output of elements(task, 'output')) {
        if (!codesOf(output, 'type', codeSystems.outputType).includes('encounter')) continue;
        const encounter = references.target(output, 'valueReference', 'Encounter');
        if (encounter) encounters.set(encounter.id, task.id);
      }
    }
    if (encounters.size >= mostEpisodes) break;
  }
  const ended: Query = and([
    hasConcept('class', inpatient, 'IMP'),
    { kind: 'interval', name: 'date', high: { gte: period.from, lt: period.until } },
  ]);
  const episodes = await byIds(reader, 'Encounter', [...encounters.keys()], ended);
  const about = episodes.filter(({ period: stay }) => {
    const end = startOfDay((string(stay as Resource | undefined, 'end') ?? '').slice(0, 10));
    return end >= period.from && end < period.until;
  });
  const patients = about.flatMap((episode) => references.targets(episode, 'subject').map(({ id }) => id));
  const found = [...(await byIds(reader, 'Patient', [...new Set(patients)])), ...about];
  for (const episode of about) {
    const of = { type: 'Encounter', id: episode.id! };
    for (const type of told) found.push(...(await search(reader, type, refersTo('encounter', of), bytes)));
    // The diagnosis can be the one that the patient came with.
    const named = elements(episode, 'diagnosis').flatMap((each) => references.targets(each, 'condition'));
    found.push(
      ...(await byIds(
        reader,
        'Condition',
        named.map(({ id }) => id),
      )),
    );
    if (found.length > mostTold) break;
  }
  return [
    ...new Map(found.map((resource) => [`${resource.resourceType}/${resource.id}`, resource])).values(),
  ];
}

async function byIds(
  reader: Reader,
  type: string,
  ids: readonly string[],
  filter: Query = { kind: 'all' },
): Promise<Resource[]> {
  const found: Resource[] = [];
  for (let from = 0; from < ids.length; from += pageSize) {
    const some: Query = { kind: 'id', ids: ids.slice(from, from + pageSize) };
    found.push(...(await search(reader, type, and([some, filter]))));
  }
  return found;
}

async function search(reader: Reader, type: string, filter: Query, bytes?: number): Promise<Resource[]> {
  const found: Match[] = await reader.search({
    type,
    filter,
    sort: [],
    limit: pageSize,
    ...(bytes !== undefined && { bytes }),
  });
  return found.map(({ version }) => JSON.parse(version.text) as Resource);
}

/** Records that a township was told, and of which patients: what subscriptions to Communication are told of. */
async function deliver(
  organization: Target,
  period: ReportPeriod,
  resources: readonly Resource[],
  server: Server,
): Promise<object> {
  const id = randomUUID();
  const episodes = resources.filter(({ resourceType }) => resourceType === 'Encounter');
  const { organization: sender } = server.actor ?? {};
  const communication: Resource = {
    resourceType: 'Communication',
    id,
    language: 'zh-CN',
    identifier: [
      {
        system: 'https://w3id.org/zhuanzhen/sid/monthly-feedback',
        value: `${period.name}/${organization.id}`,
      },
    ],
    status: 'completed',
    category: [{ text: '每月反馈' }],
    topic: { text: `${period.name} 住院诊疗每月反馈` },
    about: episodes.map((episode) => ({ reference: `Encounter/${episode.id}` })),
    sent: localInstant(server.now()),
    recipient: [{ reference: pathOf(organization) }],
    ...(sender !== undefined && { sender: { reference: sender } }),
    payload: [{ contentString: `${period.start} 至 ${period.end} 住院诊疗反馈,共 ${episodes.length} 例` }],
  };
  if (episodes.length === 0) delete communication.about;
  const change = creationOf(server, id, communication);
  await server.store.write((transaction) =>
    write(server, transaction, [change], { noted: change.issues, isBroken: change.isBroken }),
  );
  return { fullUrl: `${server.base}/Communication/${id}`, resource: communication };
}
