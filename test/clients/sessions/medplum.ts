import { MedplumClient, OperationOutcomeError } from '@medplum/core';
import type { Bundle, Parameters, ParametersParameter, Subscription, Task } from '@medplum/fhirtypes';
import { type Received, startReceiver } from '../../notifications/receiver.ts';
import type { Papers, Session } from './papers.ts';

const township = 'Organization/qingshi-health-centre';
const hospital = 'Organization/yongan-county-hospital';
const topic = 'https://w3id.org/zhuanzhen/SubscriptionTopic/referral-task';
const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

/** A referral from its refusal to the return of the patient, with Medplum's client. */
export async function medplumSession(base: string, papers: Papers): Promise<Session> {
  const { origin, pathname } = new URL(base);
  const as = (organization: string) =>
    new MedplumClient({
      ...{ baseUrl: `${origin}/`, fhirUrlPath: pathname.slice(1), fetch: globalThis.fetch, cacheTime: 0 },
      defaultHeaders: { 'X-Acting-Organization': organization },
    });
  const sender = as(township);
  const receiver = as(hospital);

  // Submitted, refused, mended.
  const referral = papers.referral as unknown as Bundle;
  const refused = await sender.executeBatch(referral).catch((error: unknown) => error);
  if (!(refused instanceof OperationOutcomeError)) throw new Error('The referral was not refused');
  const [issue] = refused.outcome.issue;
  for (const { resource } of referral.entry!)
    if (resource?.resourceType === 'ServiceRequest' || resource?.resourceType === 'Task')
      resource.priority = 'urgent';
  const { entry = [] } = await sender.executeBatch(referral);
  const locations = entry.map(({ response }) => response!.location!);
  const idOf = (type: string) =>
    locations.flatMap((location) => new RegExp(`/${type}/([^/]+)`).exec(location)?.[1] ?? [])[0]!;
  const [task, patient] = [idOf('Task'), idOf('Patient')];

  // Accepted.
  const step = (name: string, ...parameter: ParametersParameter[]) =>
    receiver.post<Task>(receiver.fhirUrl('Task', task, name), { resourceType: 'Parameters', parameter });
  await step('$accept', { name: 'arrival-period', valuePeriod: { end: '2083-01-05T12:00:00+08:00' } });

  // Subscribed, and told.
  const listener = await startReceiver();
  const subscription = await sender.createResource<Subscription>(subscriptionTo(`${listener.url}/told`));
  const told: string[] = [];
  const untilTold = async (count: number) => {
    const received = await listener.until((all) => toldBy(all, task).length >= count);
    told.splice(0, told.length, ...toldBy(received, task));
  };
  await untilTold(1);
  await step('$arrive', { name: 'encounter', valueReference: { display: '门诊就诊' } });
  await untilTold(2);

  // Returned.
  const back = JSON.parse(JSON.stringify(papers.return).replaceAll('{patient}', patient)) as Parameters;
  await step('$return', ...back.parameter!);
  await untilTold(3);
  const down = await sender.searchOne('Task', { owner: township, patient, status: 'requested' });
  await sender.deleteResource('Subscription', subscription.id);
  await listener.down();
  return {
    rule: issue!.details!.coding![0]!.code!,
    refusal: issue!.details!.text!,
    ...{ task, down: down!.id, told },
  };
}

function subscriptionTo(endpoint: string): Subscription {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: '本院转出的患者 / the patients that we have referred',
    criteria: topic,
    _criteria: {
      extension: [{ url: `${backport}/backport-filter-criteria`, valueString: `Task?requester=${township}` }],
    },
    channel: {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: {
        extension: [{ url: `${backport}/backport-payload-content`, valueCode: 'full-resource' }],
      },
    },
  } as Subscription;
}

/** The type of the first notification, and the statuses of a Task in those behind it; what is told twice counts once. */
function toldBy(received: readonly Received[], id: string): string[] {
  const [first, ...others] = received.map(({ body }) => JSON.parse(body) as Bundle);
  if (!first) return [];
  const status = first.entry![0]!.resource as Parameters;
  const tasks = others
    .flatMap(({ entry = [] }) => entry.map(({ resource }) => resource as Task | undefined))
    .filter((task) => task?.id === id);
  return [
    status.parameter!.find(({ name }) => name === 'type')!.valueCode!,
    ...new Map(tasks.map((task) => [task!.meta!.versionId, task!.status])).values(),
  ];
}
