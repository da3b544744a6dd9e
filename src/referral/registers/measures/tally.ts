import type { Directory } from '../directory.ts';
import type { Fact } from '../facts.ts';
import { criteria, observations, strata } from './criteria.ts';
import type { GroupPlan, Scoring } from './measure.ts';

/** What is counted of one group of a Measure, or of one stratum of it. */
export interface Tally {
  /** How many are in each population, in the order of the plan. */
  counts: number[];
  /** What was observed of each, in hours. */
  observed: number[];
  /** Of each population the ids of the ServiceRequests, where they are asked for. */
  subjects: string[][];
}

/** What is counted of one group: as a whole, and of each stratum by its value. */
export interface GroupTally {
  whole: Tally;
  strata: Map<string, Tally>[];
}

/** An empty tally of a group. */
export function openTally(group: GroupPlan): GroupTally {
  return { whole: emptyTally(group), strata: group.stratifiers.map(() => new Map()) };
}

function emptyTally({ populations }: GroupPlan): Tally {
  return { counts: populations.map(() => 0), observed: [], subjects: populations.map(() => []) };
}

/**
 * Counts one fact. Who is in the numerator of a proportion is in its denominator, and that in the initial population; the
 * two sides of a ratio are counted each by itself (https://hl7.org/fhir/R4/measure.html#scoring).
 */
export function count(
  tally: GroupTally,
  group: GroupPlan,
  fact: Fact,
  { scoring, directory, keepsSubjects }: { scoring: Scoring; directory: Directory; keepsSubjects: boolean },
): void {
  const isIn = membership(group, fact, scoring, directory);
  if (!isIn.includes(true)) return;
  const observed = group.observation && observations[group.observation](fact);
  const add = (into: Tally) => {
    for (const [index, belongs] of isIn.entries()) {
      if (!belongs) continue;
      into.counts[index]!++;
      if (keepsSubjects) into.subjects[index]!.push(fact.referral);
    }
    if (observed !== undefined) into.observed.push(observed);
  };
  add(tally.whole);
  for (const [index, { by }] of group.stratifiers.entries()) {
    const value: string | readonly string[] | undefined = strata[by](fact, directory);
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) {
      const of = tally.strata[index]!;
      let stratum = of.get(each);
      if (!stratum) {
        stratum = emptyTally(group);
        of.set(each, stratum);
      }
      add(stratum);
    }
  }
}

/** Which populations of a group a fact is in, in their order. */
function membership(group: GroupPlan, fact: Fact, scoring: Scoring, directory: Directory): boolean[] {
  const isIn: boolean[] = [];
  for (const [index, { criterion }] of group.populations.entries()) {
    const isNested = index > 0 && scoring !== 'ratio';
    isIn.push(
      (!isNested || isIn[index - 1]!) && (criterion === undefined || criteria[criterion](fact, directory)),
    );
  }
  return isIn;
}

/** The score of a tally: a share, a ratio, or hours; undefined where there is nothing to divide by, or to observe. */
export function scoreOf({ counts, observed }: Tally, group: GroupPlan, scoring: Scoring): number | undefined {
  if (scoring === 'cohort') return undefined;
  if (scoring === 'continuous-variable') return percentile(observed, group.aggregate === 'p90' ? 0.9 : 0.5);
  const at = (name: string) => counts[group.populations.findIndex((each) => each.name === name)];
  const [numerator, denominator] = [at('numerator'), at('denominator')];
  return numerator === undefined || !denominator ? undefined : numerator / denominator;
}

/** The value below which a share of the values lies: between two of them where none is just there. */
export function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
