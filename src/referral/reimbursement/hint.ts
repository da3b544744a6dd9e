import { codings } from '../../fhir/elements.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Coding, Element, Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import type { Server } from '../../interactions/server.ts';
import { findReceiver } from '../context/parties.ts';
import { openRecords, type Records } from '../context/records.ts';
import { listedCodes, tierOf } from '../context/tier-lists.ts';
import { refersTo } from '../queries.ts';
import { createReferences, pathOf, type References } from '../reference.ts';
import { diseaseLists, reimbursementHintUrl, reimbursementPlan } from '../vocabulary.ts';
import { givenParameters, resourcesNamed } from '../workflow/given-parameters.ts';
import { lossOf, type Ratios, ratiosOf } from './plan.ts';

/** A referral is passed on a few times at most, so it has few Tasks. */
const mostTasks = 20;

/** The statuses of a Task by which its receiver has taken the referral. */
const taken: ReadonlySet<unknown> = new Set(['accepted', 'in-progress', 'on-hold', 'completed']);

/**
 * `ServiceRequest/[id]/$reimbursement-hint`, or `ServiceRequest/$reimbursement-hint` with a `referral` that was not sent
 * yet: what the insurance reimburses at the institution that is to receive the patient, and what would be lost without
 * the referral. The ratios are those of InsurancePlan/referral-reimbursement, which a county replaces by storing its
 * own; they hold for the diseases on the list of that tier. A hint for doctor and patient, not a decision on a claim.
 */
export const reimbursementHint: Operation = {
  name: '$reimbursement-hint',
  definition: reimbursementHintUrl,
  on: { type: true, instance: true, types: ['ServiceRequest'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { store, id, base } = request;
  const references = createReferences(base);
  const records = openRecords({ changes: [], reader: store, now: server.now() });
  const referral = await referralOf(request, server);
  const receiver = await findReceiver(records, references, referral, undefined);
  const tier = tierOf(receiver && (await records.find(receiver)));
  const list = tier === undefined ? undefined : diseaseLists[tier];
  const listed = list && (await listedDiagnosis(referral, list, server, { records, references }));
  const plan =
    (await records.find({ type: 'InsurancePlan', id: reimbursementPlan })) ??
    server.definitions.find('InsurancePlan', reimbursementPlan)!;
  const ratios = tier !== undefined && listed ? ratiosOf(plan, tier) : undefined;
  const loss = ratios && lossOf(ratios);
  const parameter: Element[] = [
    ...(receiver ? [{ name: 'receiver', valueReference: { reference: pathOf(receiver) } }] : []),
    ...(tier === undefined ? [] : [{ name: 'tier', valueCode: tier }]),
    ...(list === undefined ? [] : [{ name: 'disease-list', valueCanonical: list }]),
    { name: 'listed', valueBoolean: listed !== undefined },
    ...(listed ? [{ name: 'diagnosis', valueCoding: listed }] : []),
    ...(id === undefined ? [] : [{ name: 'referred', valueBoolean: await isTaken(id, records) }]),
    ...(ratios ? [{ name: 'ratio', valueQuantity: ratios.referred }] : []),
    ...(ratios?.unreferred ? [{ name: 'ratio-unreferred', valueQuantity: ratios.unreferred }] : []),
    ...(loss ? [{ name: 'loss-unreferred', valueQuantity: loss }] : []),
    { name: 'hint', valueString: hintText(ratios, loss) },
  ];
  return { status: 200, resource: { resourceType: 'Parameters', parameter } };
}

async function referralOf(request: OperationRequest, server: Server): Promise<Resource> {
  const { store, id } = request;
  if (id !== undefined)
    return parseJson(
      (await presentVersion(store, 'ServiceRequest', id)).text,
      Number.POSITIVE_INFINITY,
    ) as Resource;
  const [referral] = resourcesNamed(givenParameters(request, server, ['referral']), 'referral');
  if (referral?.resourceType !== 'ServiceRequest') throw refuse(refusals.missingStepParameter, ['referral']);
  return referral;
}

/** The first diagnosis of a referral that a disease list has, by the rule `up-own-level`. */
async function listedDiagnosis(
  referral: Resource,
  list: string,
  { store, definitions }: Server,
  { records, references }: { records: Records; references: References },
): Promise<Coding | undefined> {
  const stored = await store.read('ValueSet', list.split('/').at(-1)!);
  const current = stored?.text ? (JSON.parse(stored.text) as Resource) : definitions.find('ValueSet', list);
  const codes = new Set(listedCodes(current));
  for (const target of references.targets(referral, 'reasonReference')) {
    const listed = codings(await records.find(target), 'code').find(
      ({ system, code }) => isIcd10(system) && typeof code === 'string' && isListed(code, codes),
    );
    if (listed) return listed;
  }
  return undefined;
}

/** A list has the code, its category of three characters (`I63`) or its subcategory (`E11.9`). */
function isListed(code: string, codes: ReadonlySet<string>): boolean {
  return [code, code.slice(0, 3), code.slice(0, 5)].some((each) => codes.has(each));
}

/** ICD-10, its Chinese editions, and what comes without a system: as the rule `up-own-level` has it. */
function isIcd10(system: string | undefined): boolean {
  return (
    system === undefined ||
    system.toLowerCase().includes('icd-10') ||
    system.startsWith('urn:oid:2.16.156.10011.2.3.3.11')
  );
}

async function isTaken(id: string, records: Records): Promise<boolean> {
  const tasks = await records.stored('Task', refersTo('focus', { type: 'ServiceRequest', id }), mostTasks);
  return tasks.some(({ status }) => taken.has(status));
}

function hintText(ratios: Ratios | undefined, loss: Element | undefined): string {
  if (!ratios)
    return '不属于接收机构本级分级诊疗病种,按医保一般政策报销 / Not on the disease list of the receiving tier: the general policy of the insurance holds';
  const [ratio, lost] = [ratios.referred, loss].map((each) => `${String(each?.value ?? '?')}%`);
  return loss
    ? `办理转诊:报销 ${ratio};未经转诊自行住院:最多少报 ${lost} / With the referral ${ratio} is reimbursed; an admission without it can lose up to ${lost}`
    : `办理转诊:报销 ${ratio} / With the referral ${ratio} is reimbursed`;
}
