import { elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { escaped } from '../../../html/escaped.ts';
import { codeSystems, extensions } from '../../vocabulary.ts';
import type { CodeWords } from '../codes.ts';
import type { Directory } from '../directory.ts';
import { icdChapters } from '../icd-chapter.ts';
import { localInstant } from '../local-time.ts';
import type { ReportPeriod } from '../period.ts';
import type { StratumName } from './criteria.ts';
import type { GroupPlan, MeasurePlan, Scoring } from './measure.ts';
import { type GroupTally, scoreOf, type Tally } from './tally.ts';

/** http://hl7.org/fhir/R4/valueset-measure-report-type.html, as far as the server makes them. */
export type ReportType = 'summary' | 'subject-list' | 'individual';

/** What a report is made from. */
export interface ReportSource {
  plan: MeasurePlan;
  tallies: readonly GroupTally[];
  type: ReportType;
  period: ReportPeriod;
  now: number;
  directory: Directory;
  words: CodeWords;
  /** A Reference to who makes it; undefined where nobody is known. */
  reporter?: Element | undefined;
  /** A Reference to the patient whom an individual report is about. */
  subject?: Element | undefined;
  /** Names of what strata stand for beside institutions: people, diseases. */
  names: ReadonlyMap<string, string>;
  /** References to imported reports that numbers are taken from. */
  imported?: readonly Element[];
  /** Why there is no score, where data of others are missing. */
  missing?: string | undefined;
}

/** The MeasureReport of what was counted (http://hl7.org/fhir/R4/measurereport.html). */
export function reportOf(source: ReportSource): Resource {
  const { plan, tallies, type, period, now, reporter, subject, imported = [], missing } = source;
  const lists: Resource[] = [];
  const groups = plan.groups.map((group, index) => groupOf(group, tallies[index]!, source, lists));
  return {
    resourceType: 'MeasureReport',
    language: 'zh-CN',
    text: narrativeOf(source),
    ...(lists.length > 0 && { contained: lists }),
    status: missing === undefined ? 'complete' : 'pending',
    type,
    measure: plan.url,
    ...(subject && { subject }),
    date: localInstant(now),
    ...(reporter && { reporter }),
    period: { start: period.start, end: period.end },
    ...(plan.improvement && { improvementNotation: plan.improvement }),
    group: groups,
    ...(imported.length > 0 && { evaluatedResource: imported }),
  };
}

function groupOf(group: GroupPlan, tally: GroupTally, source: ReportSource, lists: Resource[]): Element {
  const { plan, type, missing } = source;
  const score = scoreElement(tally.whole, group, plan.scoring, missing);
  const stratifiers = group.stratifiers.flatMap(({ code, by }, index) => {
    const strata = [...tally.strata[index]!].sort(([a], [b]) => (a < b ? -1 : 1));
    if (strata.length === 0) return [];
    return [
      {
        ...(code && { code: [code] }),
        stratum: strata.map(([value, each]) => stratumOf(value, by, each, group, source)),
      },
    ];
  });
  return {
    ...(group.code && { code: group.code }),
    population: group.populations.map(({ code }, index) => ({
      code,
      count: tally.whole.counts[index],
      ...(type === 'subject-list' && subjectResults(tally.whole.subjects[index]!, lists)),
    })),
    ...(score && { measureScore: score }),
    ...(stratifiers.length > 0 && { stratifier: stratifiers }),
  };
}

function stratumOf(
  value: string,
  by: StratumName,
  tally: Tally,
  group: GroupPlan,
  { plan, directory, words, names }: ReportSource,
): Element {
  const score = scoreElement(tally, group, plan.scoring, undefined);
  const isReference = by === 'sender' || by === 'receiver' || by === 'doctor' || by === 'liaison';
  const name = directory.get(value)?.name ?? names.get(value);
  return {
    ...(isReference && {
      extension: [
        {
          url: extensions.stratumSubject,
          valueReference: { reference: value, ...(name && { display: name }) },
        },
      ],
    }),
    value: conceptOf(value, by, name, words),
    population: group.populations.map(({ code }, index) => ({ code, count: tally.counts[index] })),
    ...(score && { measureScore: score }),
  };
}

/** What a stratum is called, with its code where it has one. */
function conceptOf(value: string, by: StratumName, name: string | undefined, words: CodeWords): Element {
  switch (by) {
    case 'sender-tier':
    case 'receiver-tier':
      return { coding: [{ system: codeSystems.institutionTier, code: value }], text: words.tier(value) };
    case 'indication':
      return { coding: [{ system: codeSystems.indication, code: value }], text: words.indication(value) };
    case 'icd-chapter':
      return { text: `${value} ${icdChapters.find(({ code }) => code === value)?.zh ?? ''}`.trim() };
    case 'disease':
      return { text: name === undefined ? value : `${value} ${name}` };
    default:
      return { text: name ?? value };
  }
}

const percent = { unit: '%', system: codeSystems.ucum, code: '%' };
const hours = { unit: 'h', system: codeSystems.ucum, code: 'h' };

function scoreElement(
  tally: Tally,
  group: GroupPlan,
  scoring: Scoring,
  missing: string | undefined,
): Element | undefined {
  if (missing !== undefined)
    return { extension: [{ url: extensions.dataAbsent, valueCode: 'not-performed' }] };
  const score = scoreOf(tally, group, scoring);
  if (score === undefined) return undefined;
  if (scoring === 'continuous-variable') return { value: rounded(score), ...hours };
  return { value: rounded(score * 100), ...percent };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function subjectResults(subjects: readonly string[], lists: Resource[]): { subjectResults?: Element } {
  if (subjects.length === 0) return {};
  const id = `subjects-${lists.length + 1}`;
  lists.push({
    resourceType: 'List',
    id,
    status: 'current',
    mode: 'snapshot',
    entry: subjects.map((subject) => ({ item: { reference: `ServiceRequest/${subject}` } })),
  });
  return { subjectResults: { reference: `#${id}` } };
}

/** The report in words, for people: what is counted, by which formula, with which result. */
function narrativeOf({ plan, tallies, period, missing }: ReportSource): Element {
  const lines = plan.groups.map((group, index) => {
    const { whole } = tallies[index]!;
    const score = missing === undefined ? scoreElement(whole, group, plan.scoring, undefined) : undefined;
    const counts = group.populations.map(({ code }, n) => `${nameOf(code)} ${whole.counts[n]}`).join(',');
    const result = score ? `:${score.value} ${score.unit}` : '';
    return `<p>${escaped(`${nameOf(group.code ?? {})}${result}(${counts})`)}</p>`;
  });
  const formula = string(plan.resource, 'rateAggregation') ?? string(plan.resource, 'description') ?? '';
  const title = string(plan.resource, 'title') ?? '';
  return {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${escaped(`${title},${period.start} 至 ${period.end}`)}</p>${lines.join('')}<p>${escaped(formula)}</p>${missing === undefined ? '' : `<p>${escaped(missing)}</p>`}</div>`,
  };
}

function nameOf(concept: Element): string {
  return string(concept, 'text') ?? string(elements(concept, 'coding')[0], 'display') ?? '';
}
