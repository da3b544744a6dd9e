import { codings, elements, string } from '../../../fhir/elements.ts';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { exactly } from '../../../fhir/search/text.ts';
import { invalid } from '../../../fhir/search/values.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../../interactions/operation.ts';
import { presentVersion } from '../../../interactions/present-version.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Reader } from '../../../store/store.ts';
import { hasConcept } from '../../queries.ts';
import { codeSystems, indicatorsUrl } from '../../vocabulary.ts';
import { admitToCases, admitToFigures } from '../asker.ts';
import { createEncounterCache } from '../encounter-cache.ts';
import { createFactCache } from '../fact-cache.ts';
import { localDay } from '../local-time.ts';
import { one, oneOf, periodIn, refuseUnknown, target } from '../parameters.ts';
import { quarterOf } from '../period.ts';
import { type Caches, type Evaluation, evaluate } from './evaluate.ts';
import { type MeasurePlan, readMeasure } from './measure.ts';
import { type MeasuredReport, reportPage, reportPagePolicy } from './page.ts';
import type { ReportType } from './report.ts';

/** A county has some dozens of Measures. */
const most = 500;

/** The operations on Measures, which share what they know of the referrals and encounters. */
export function createMeasureOperations(): readonly Operation[] {
  const caches: Caches = { facts: createFactCache(), encounters: createEncounterCache() };
  return [evaluateMeasure(caches), indicators(caches)];
}

/** The names of report types: those of MeasureReport.type, and those that the operation has for them. */
const reportTypes: Readonly<Record<string, ReportType>> = {
  summary: 'summary',
  population: 'summary',
  'subject-list': 'subject-list',
  individual: 'individual',
  subject: 'individual',
};

/**
 * `Measure/[id]/$evaluate-measure`, or `Measure/$evaluate-measure?measure=…`
 * (http://hl7.org/fhir/R4/measure-operation-evaluate-measure.html): what a Measure says of a period, in figures, with the
 * referrals behind each figure, or of one patient.
 */
function evaluateMeasure(caches: Caches): Operation {
  return {
    name: '$evaluate-measure',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure',
    on: { type: true, instance: true, types: ['Measure'] },
    affectsState: false,
    formats: ['text/html'],
    run: async (request, server) => {
      const names = [
        'measure',
        'period',
        'periodStart',
        'periodEnd',
        'reportType',
        'subject',
        'practitioner',
        'organization',
        'lastReceivedOn',
      ];
      refuseUnknown('$evaluate-measure', request.parameters, names);
      const plan = readMeasure(await measureOf(request));
      const evaluation = readEvaluation(request, server);
      const { period } = evaluation;
      const [report] = await evaluate([plan], evaluation, request, server, caches);
      if (request.format === undefined) return { status: 200, resource: report! };
      const title = `${(string(plan.resource, 'title') ?? '').split(' / ')[0]}(${period.name})`;
      return asPage(title, [{ measure: plan.resource, report: report! }], server);
    },
  };
}

/**
 * `$indicators`: all Measures of a set for a period (the referral indicators and the present quarter, when nothing is
 * said), as a collection of MeasureReports.
 */
function indicators(caches: Caches): Operation {
  return {
    name: '$indicators',
    definition: indicatorsUrl,
    on: { system: true, instance: true, types: ['Organization'] },
    affectsState: false,
    formats: ['text/html'],
    run: (request, server) => answerIndicators(request, server, caches),
  };
}

async function answerIndicators(
  request: OperationRequest,
  server: Server,
  caches: Caches,
): Promise<OperationAnswer> {
  const names = ['set', 'period', 'periodStart', 'periodEnd', 'reportType', 'organization'];
  refuseUnknown('$indicators', request.parameters, names);
  const set = one(request.parameters, 'set') ?? 'referral-indicators';
  const evaluation = readEvaluation(request, server);
  const plans = await measuresOf(set, request.store);
  const reports = await evaluate(plans, evaluation, request, server, caches);
  if (request.format !== undefined) {
    const measured = reports.map((report, index) => ({ measure: plans[index]!.resource, report }));
    return asPage(`${setName(plans)}(${evaluation.period.name})`, measured, server);
  }
  return {
    status: 200,
    resource: {
      resourceType: 'Bundle',
      type: 'collection',
      timestamp: new Date(server.now()).toISOString(),
      ...(reports.length > 0 && {
        entry: reports.map((resource) => ({ fullUrl: `urn:uuid:${crypto.randomUUID()}`, resource })),
      }),
    },
  };
}

/** What a set of Measures is called. */
function setName([first]: readonly MeasurePlan[]): string {
  return string(codings(first?.resource, 'topic')[0], 'display') ?? '指标';
}

function asPage(title: string, reports: readonly MeasuredReport[], server: Server): OperationAnswer {
  const bytes = Buffer.from(reportPage(title, reports, server.now()));
  const headers = { 'Content-Security-Policy': reportPagePolicy, 'Content-Disposition': 'inline' };
  return { status: 200, content: { type: 'text/html; charset=utf-8', bytes }, headers };
}

/** The Measures of a set, in their order; refuses with 400 a set that there is not. */
export async function measuresOf(set: string, reader: Reader): Promise<MeasurePlan[]> {
  const found = await reader.search({
    type: 'Measure',
    filter: hasConcept('topic', codeSystems.measureSet, set),
    sort: [],
    limit: most,
  });
  if (found.length === 0)
    throw invalid('set', { zh: '没有这一组指标', en: 'there is no such set of measures' });
  const resources = found.map(({ version }) => JSON.parse(version.text) as Resource);
  return resources
    .filter(({ status }) => status !== 'retired')
    .sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1))
    .map(readMeasure);
}

/** The place of a Measure in its set: its first identifier. */
function numberOf(measure: Resource): string {
  return string(elements(measure, 'identifier')[0], 'value') ?? measure.id ?? '';
}

async function measureOf({ id, store, parameters }: OperationRequest): Promise<Resource> {
  const named = one(parameters, 'measure');
  if (id !== undefined) {
    if (named !== undefined)
      throw invalid('measure', { zh: '地址已指明指标', en: 'the measure is named by the address already' });
    return JSON.parse((await presentVersion(store, 'Measure', id)).text) as Resource;
  }
  if (named === undefined) throw invalid('measure', { zh: '必须给出', en: 'it is required' });
  const [, ofServer] = /^Measure\/([A-Za-z0-9\-.]{1,64})$/.exec(named) ?? [];
  if (ofServer !== undefined)
    return JSON.parse((await presentVersion(store, 'Measure', ofServer)).text) as Resource;
  const [url] = named.split('|', 1);
  const filter = { kind: 'term', term: `url|#${exactly(url!)}` } as const;
  const [found] = await store.search({ type: 'Measure', filter, sort: [], limit: 1 });
  if (!found) throw refuse(refusals.notFound, [named.slice(0, 200)]);
  return JSON.parse(found.version.text) as Resource;
}

/** Reads what is asked, and refuses with 403 who may not have it. */
function readEvaluation(request: OperationRequest, server: Server): Evaluation {
  const { parameters, id, type: on } = request;
  const stated = oneOf(parameters, 'reportType', Object.keys(reportTypes));
  const patient = target(parameters, 'subject', ['Patient']);
  const type = stated === undefined ? (patient ? 'individual' : 'summary') : reportTypes[stated]!;
  if ((type === 'individual') !== (patient !== undefined))
    throw invalid('subject', {
      zh: '个体报告须给出患者,其他报告不给',
      en: 'an individual report is of a patient, and no other is',
    });
  if (type === 'summary') admitToFigures(server.actor);
  else admitToCases(server.actor);
  const organization =
    on === 'Organization' ? { type: on, id: id! } : target(parameters, 'organization', ['Organization']);
  return {
    period: periodIn(parameters) ?? quarterOf(localDay(server.now())),
    type,
    organization,
    patient,
    practitioner: target(parameters, 'practitioner', ['PractitionerRole', 'Practitioner']),
  };
}
