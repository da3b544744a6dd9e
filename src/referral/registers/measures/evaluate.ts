import { elements, string } from '../../../fhir/elements.ts';
import { refuse } from '../../../fhir/refusal.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { and, or, type Query } from '../../../fhir/search/query.ts';
import { isBoundToPatient } from '../../../interactions/actor.ts';
import type { OperationRequest } from '../../../interactions/operation.ts';
import type { Server } from '../../../interactions/server.ts';
import { takeSlices } from '../../../store/slices.ts';
import type { Reader } from '../../../store/store.ts';
import { personName } from '../../papers/record/words.ts';
import { refersTo } from '../../queries.ts';
import { createReferences, pathOf, type References, type Target } from '../../reference.ts';
import { measureUrl } from '../../vocabulary.ts';
import { codeWords } from '../codes.ts';
import { type Directory, readDirectory } from '../directory.ts';
import { createEncounterCache, type EncounterCache } from '../encounter-cache.ts';
import type { FactCache } from '../fact-cache.ts';
import { type Fact, factsWithin } from '../facts.ts';
import { openPageShelf } from '../page-shelf.ts';
import type { ReportPeriod } from '../period.ts';
import { registerRefusals } from '../refusals.ts';
import { reportSlice } from '../report-slice.ts';
import { type EncounterSource, encounterTallies } from './encounters.ts';
import { importedOf } from './imported.ts';
import type { GroupPlan, MeasurePlan } from './measure.ts';
import { type ReportType, reportOf } from './report.ts';
import { count, type GroupTally, openTally } from './tally.ts';

/** What is remembered of the days, for who may count everything. */
export interface Caches {
  facts: FactCache;
  encounters: EncounterCache;
}

/** So many referrals at most are listed in one report. */
const mostSubjects = 50_000;

/** What is asked of some Measures. */
export interface Evaluation {
  period: ReportPeriod;
  type: ReportType;
  /** Only what is counted by this institution. */
  organization?: Target | undefined;
  patient?: Target | undefined;
  /** A PractitionerRole or Practitioner who referred. */
  practitioner?: Target | undefined;
}

/** What happened outside the county, of which others report: the complement of what is on record. */
const outside = measureUrl('visits-outside-county');

/**
 * Evaluates Measures over one period, all that count referrals in one pass. Referrals are read as far as who asks may see
 * them; a platform, which sees none, gets figures of all.
 */
export async function evaluate(
  plans: readonly MeasurePlan[],
  evaluation: Evaluation,
  request: OperationRequest,
  server: Server,
  caches: Caches,
): Promise<Resource[]> {
  const reader = readerFor(request, server);
  const directory = await readDirectory(reader(), server.now());
  const ofReferrals = plans.filter(({ source }) => source === 'referrals');
  // What one may see of it is read; of all, what is known can be counted.
  const known = seesAll(server) ? caches : undefined;
  const source = { reader, directory, now: server.now() };
  const counted = await countReferrals(ofReferrals, evaluation, {
    ...source,
    references: createReferences(request.base),
    ...(known && { cache: known.facts }),
  });
  // Read once for all Measures; only what everybody may see outlives the request.
  const encounters = { ...source, cache: known?.encounters ?? createEncounterCache() };
  const { organization } = server.actor ?? {};
  const shared = {
    type: evaluation.type,
    period: evaluation.period,
    now: server.now(),
    directory,
    words: codeWords(server.definitions),
    names: await namesOf(counted, ofReferrals, reader),
    ...(organization !== undefined && { reporter: { reference: organization } }),
    ...(evaluation.patient && { subject: { reference: pathOf(evaluation.patient) } }),
  };
  const reports: Resource[] = [];
  for (const plan of plans) {
    switch (plan.source) {
      case 'referrals':
        reports.push(reportOf({ ...shared, plan, tallies: counted.tallies.get(plan)! }));
        break;
      case 'encounters':
        reports.push(reportOf({ ...shared, plan, ...(await fromEncounters(plan, evaluation, encounters)) }));
        break;
      case 'imported':
        reports.push(reportOf({ ...shared, plan, ...(await fromReports(plan, evaluation, reader())) }));
        break;
      default:
        throw new TypeError(`Unknown source ${plan.source satisfies never}`);
    }
  }
  return reports;
}

/** The reader of each page: narrowed to who asks; for figures that are a platform's, of all that is stored. */
function readerFor({ store }: OperationRequest, server: Server): () => Reader {
  const own = () => server.eachPage?.() ?? store;
  return server.actor?.roles.includes('platform') && !isBoundToPatient(server.actor)
    ? () => own().entire ?? own()
    : own;
}

interface Counted {
  tallies: ReadonlyMap<MeasurePlan, GroupTally[]>;
  /** What diseases are called, by category. */
  diseases: ReadonlyMap<string, string>;
}

interface CountSource {
  reader: () => Reader;
  directory: Directory;
  references: References;
  now: number;
  cache?: FactCache;
}

/** Whether who asks counts all referrals: where nobody has to say who they are, and a platform. */
function seesAll({ actor }: Server): boolean {
  return actor === undefined || actor.roles.includes('platform');
}

async function countReferrals(
  plans: readonly MeasurePlan[],
  evaluation: Evaluation,
  { reader, directory, cache, ...source }: CountSource,
): Promise<Counted> {
  const tallies = new Map(plans.map((plan) => [plan, plan.groups.map(openTally)]));
  const diseases = new Map<string, string>();
  if (plans.length === 0) return { tallies, diseases };
  const keepsSubjects = evaluation.type === 'subject-list';
  const pause = takeSlices(reportSlice);
  let subjects = 0;
  const pages =
    cache && !evaluation.patient
      ? cache.within(reader, source, evaluation.period)
      : factsWithin(reader, source, evaluation.period, filterOf(evaluation));
  for await (const facts of pages) {
    for (const [index, fact] of facts.entries()) {
      if (!isBy(fact, evaluation) || !isParty(fact, evaluation)) continue;
      if (fact.diagnosis) diseases.set(fact.diagnosis.code.slice(0, 3), fact.diagnosis.name);
      for (const plan of plans) {
        for (const [n, group] of plan.groups.entries()) {
          if (isOf(fact, group, evaluation))
            count(tallies.get(plan)![n]!, group, fact, { scoring: plan.scoring, directory, keepsSubjects });
        }
      }
      if (index % 100 === 0) await pause();
    }
    subjects += facts.length;
    if (keepsSubjects && subjects > mostSubjects)
      throw refuse(registerRefusals.tooManySubjects, [String(mostSubjects)]);
  }
  return { tallies, diseases };
}

function filterOf({ organization, patient }: Evaluation): Query {
  return and([
    organization
      ? or([refersTo('sender', organization), refersTo('receiver', organization)])
      : { kind: 'all' },
    patient ? refersTo('patient', patient) : { kind: 'all' },
  ]);
}

function isBy({ doctor }: Fact, { practitioner }: Evaluation): boolean {
  return practitioner === undefined || doctor === pathOf(practitioner);
}

/** Whether the institution that is asked for is a party to a referral. */
function isParty({ sender, receiver }: Fact, { organization }: Evaluation): boolean {
  const path = organization && pathOf(organization);
  return path === undefined || sender === path || receiver === path;
}

/** Whether a fact is counted by the institution that is asked for: as the side that the group's stratifiers name. */
function isOf(fact: Fact, { stratifiers }: GroupPlan, { organization }: Evaluation): boolean {
  if (organization === undefined) return true;
  const path = pathOf(organization);
  const sides = stratifiers.flatMap(({ by }) => (by === 'sender' || by === 'receiver' ? [by] : []));
  return sides.length === 0 || sides.some((side) => fact[side] === path);
}

async function fromEncounters(
  plan: MeasurePlan,
  { period, organization }: Evaluation,
  source: EncounterSource,
) {
  const tallies = await encounterTallies(plan, source, period, organization && pathOf(organization));
  if (!plan.needsOutside) return { tallies };
  const others = await importedOf(outsidePlan(plan), source.reader(), period, organization);
  if (others.reports.length === 0)
    return {
      tallies,
      missing: '县域外就诊人次须由医保等部门提供:请以 Measure/visits-outside-county 的 MeasureReport 导入',
    };
  for (const [index, { populations }] of plan.groups.entries()) {
    const at = populations.findIndex(({ name }) => name === 'denominator');
    if (at >= 0) tallies[index]!.whole.counts[at]! += others.tallies[0]!.whole.counts[0]!;
  }
  return { tallies, imported: others.reports };
}

/** The Measure that the reports of others on visits outside the county are of: one number. */
function outsidePlan(plan: MeasurePlan): MeasurePlan {
  const population = { name: 'initial-population', code: {} };
  return {
    ...plan,
    url: outside,
    groups: [{ code: undefined, populations: [population], aggregate: 'median', stratifiers: [] }],
  };
}

async function fromReports(plan: MeasurePlan, { period, organization }: Evaluation, reader: Reader) {
  const { tallies, reports } = await importedOf(plan, reader, period, organization);
  if (reports.length > 0) return { tallies, imported: reports };
  return { tallies, missing: '此指标的数据不出自转诊,须由提供部门以 MeasureReport 导入;本时段尚未导入' };
}

/** What the people and diseases are called that reports are divided by. */
async function namesOf(
  { tallies, diseases }: Counted,
  plans: readonly MeasurePlan[],
  reader: () => Reader,
): Promise<Map<string, string>> {
  const names = new Map(diseases);
  const roles = new Set<string>();
  for (const plan of plans) {
    for (const [n, { stratifiers }] of plan.groups.entries()) {
      for (const [index, { by }] of stratifiers.entries()) {
        if (by !== 'doctor' && by !== 'liaison') continue;
        for (const path of tallies.get(plan)![n]!.strata[index]!.keys()) roles.add(path);
      }
    }
  }
  const shelf = openPageShelf(reader);
  await shelf.fetch(roles);
  const personOf = (role: string): Element | undefined => elements(shelf.at(role), 'practitioner')[0];
  await shelf.fetch([...roles].map((role) => string(personOf(role), 'reference')));
  for (const role of roles) {
    const person = shelf.at(string(personOf(role), 'reference')) ?? shelf.at(role);
    const name = personName(person) ?? string(personOf(role), 'display');
    if (name !== undefined) names.set(role, name);
  }
  return names;
}
