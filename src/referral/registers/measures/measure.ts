import { elements, extension, string } from '../../../fhir/elements.ts';
import { refuse } from '../../../fhir/refusal.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { codeSystems, extensions } from '../../vocabulary.ts';
import { registerRefusals } from '../refusals.ts';
import {
  type CriterionName,
  criteria,
  type ObservationName,
  observations,
  type StratumName,
  strata,
} from './criteria.ts';

/** A Measure of the project, as it is evaluated. */
export interface MeasurePlan {
  resource: Resource;
  /** Its canonical URL with its version. */
  url: string;
  scoring: Scoring;
  /** Where its numbers come from: referrals, encounters, or reports that somebody else makes and that are imported. */
  source: 'referrals' | 'encounters' | 'imported';
  /** Of encounters: whether the denominator also has those outside the county, which others report. */
  needsOutside: boolean;
  improvement: Element | undefined;
  groups: readonly GroupPlan[];
}

/** http://hl7.org/fhir/R4/valueset-measure-scoring.html */
export type Scoring = 'proportion' | 'ratio' | 'continuous-variable' | 'cohort';

/** How the observations of a continuous variable become one number. */
export type Aggregate = 'median' | 'p90';

export interface GroupPlan {
  code: Element | undefined;
  populations: readonly PopulationPlan[];
  observation?: ObservationName;
  aggregate: Aggregate;
  stratifiers: readonly StratifierPlan[];
}

export interface PopulationPlan {
  /** A code of http://terminology.hl7.org/CodeSystem/measure-population. */
  name: string;
  code: Element;
  /** Undefined: all of the initial population. */
  criterion?: CriterionName;
}

export interface StratifierPlan {
  code: Element | undefined;
  by: StratumName;
}

/** Reads a Measure. Refuses with 422 one whose criteria this server cannot evaluate, naming those that it can. */
export function readMeasure(resource: Resource): MeasurePlan {
  const version = string(resource, 'version');
  const url = string(resource, 'url') ?? `Measure/${resource.id}`;
  return {
    resource,
    url: version === undefined ? url : `${url}|${version}`,
    scoring: (string(elements(elements(resource, 'scoring')[0], 'coding')[0], 'code') ?? 'cohort') as Scoring,
    source: sourceOf(resource),
    needsOutside: JSON.stringify(resource.group ?? '').includes('"visit-in-county"'),
    improvement: elements(resource, 'improvementNotation')[0],
    groups: elements(resource, 'group').map((group) => readGroup(group, sourceOf(resource))),
  };
}

function sourceOf(resource: Resource): MeasurePlan['source'] {
  const source = string(extension(resource, extensions.measureSource), 'valueCode');
  return source === 'imported' || source === 'encounters' ? source : 'referrals';
}

function readGroup(group: Element, source: MeasurePlan['source']): GroupPlan {
  const isOurs = source === 'referrals';
  const populations = elements(group, 'population');
  const observed = populations.find((each) => populationCode(each) === 'measure-observation');
  const aggregate = string(extension(group, extensions.aggregateMethod), 'valueCode');
  return {
    code: elements(group, 'code')[0],
    populations: populations
      .filter((each) => each !== observed)
      .map((each) => ({
        name: populationCode(each),
        code: elements(each, 'code')[0] ?? {},
        ...(isOurs && { criterion: nameIn(criteria, each) }),
      })),
    ...(observed && { observation: nameIn(observations, observed) }),
    aggregate: aggregate === 'p90' ? 'p90' : 'median',
    stratifiers: elements(group, 'stratifier').map((each) => ({
      code: elements(each, 'code')[0],
      by: nameIn(strata, each),
    })),
  };
}

/** The code of a population, by which HL7 names its part in the score. */
export function populationCode(population: Element): string {
  const coding = elements(elements(population, 'code')[0], 'coding');
  return (
    string(coding.find(({ system }) => system === codeSystems.measurePopulation) ?? coding[0], 'code') ?? ''
  );
}

function nameIn<T extends string>(known: Readonly<Record<T, unknown>>, parent: Element): T {
  const expression = string(elements(parent, 'criteria')[0], 'expression') ?? '';
  if (Object.hasOwn(known, expression)) return expression as T;
  throw refuse(registerRefusals.unknownCriterion, [expression.slice(0, 64), Object.keys(known).join(', ')]);
}
