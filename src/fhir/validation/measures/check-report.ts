import { type Element, isElement, type Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { resolveWithin } from '../references.ts';
import { at, elementsOf, textOf } from '../resource-rules/members.ts';
import type { Visit } from '../visit.ts';

const scoringSystem = 'http://terminology.hl7.org/CodeSystem/measure-scoring';

/**
 * Checks a report against its measure (http://hl7.org/fhir/R4/measurereport.html), where that is contained or in the same
 * bundle: its groups, populations and stratifiers by their codes, and scores by the kind of scoring. Reports that
 * are not complete may still lack groups.
 */
export function checkMeasureReport(report: Resource, visit: Visit): void {
  const { measure: canonical, type, status } = report;
  if (typeof canonical !== 'string' || type === 'data-collection') return;
  const measure = canonical.startsWith('#')
    ? resolveWithin(canonical, visit)
    : visit.bundle?.defined('Measure', canonical);
  if (measure?.resourceType !== 'Measure') return;
  const defined = elementsOf(measure.group).map(({ element }) => element);
  const groups = elementsOf(report.group);
  if (groups.length === 0 && status !== 'complete') return;
  const scoring = codesOf(measure.scoring).find((code) => code.startsWith(`${scoringSystem}|`));
  const pairs = matched(defined, groups, 'group', visit);
  for (const { definition, element, index } of pairs) {
    at(visit, [['group', index]], () => {
      matched(elementsIn(definition.population), elementsOf(element.population), 'population', visit);
      matched(elementsIn(definition.stratifier), elementsOf(element.stratifier), 'stratifier', visit);
      checkScore(element, scoring?.slice(scoringSystem.length + 1), visit);
    });
  }
}

interface Placed {
  element: Element;
  index: number;
}

/**
 * Each part of the report with the part of the measure that has its code. Parts that match none, that are there twice, or
 * that are missing are reported. A part without a code is that of a measure that has only one.
 */
function matched(
  defined: readonly Element[],
  parts: readonly Placed[],
  name: 'group' | 'population' | 'stratifier',
  visit: Visit,
): (Placed & { definition: Element })[] {
  const { report } = visit;
  const found = new Map<Element, Placed>();
  for (const part of parts) {
    const codes = codesOf(part.element.code);
    const [only, ...others] = defined;
    const definition =
      codes.length === 0 && name === 'group' && others.length === 0
        ? only
        : defined.find((each) => codesOf(each.code).some((code) => codes.includes(code)));
    at(visit, [[name, part.index]], () => {
      if (!definition) report.add(findings.notOfMeasure, [name, codes.join(', ')]);
      else if (found.has(definition)) report.add(findings.twiceOfMeasure, [name, codes.join(', ')]);
    });
    if (definition && !found.has(definition)) found.set(definition, part);
  }
  for (const each of defined)
    if (!found.has(each)) report.add(findings.missingOfMeasure, [name, codesOf(each.code).join(', ')]);
  return [...found].map(([definition, part]) => ({ ...part, definition }));
}

/** A cohort has no score, all else has one; a proportion is a number from 0 to 1 as a rule. */
function checkScore(
  { measureScore, population }: Element,
  scoring: string | undefined,
  { report }: Visit,
): void {
  if (scoring === undefined) return;
  if (scoring === 'cohort') {
    if (measureScore !== undefined) report.add(findings.scoreOfCohort);
    return;
  }
  if (!isElement(measureScore)) {
    // Where nobody was counted there is nothing to divide by.
    if (elementsIn(population).some(({ count }) => typeof count === 'number' && count > 0))
      report.add(findings.scoreMissing, [scoring]);
    return;
  }
  if (scoring !== 'proportion') return;
  const { value, unit, system, code } = measureScore;
  if ([unit, system, code].some((each) => each !== undefined)) report.add(findings.scoreUnit);
  if (typeof value !== 'number' || value < 0 || value > 1)
    report.add(findings.scoreRange, [String(value ?? '')]);
}

/** What a concept, or the first of several, is known by: its codes, or else its text. */
function codesOf(concepts: unknown): string[] {
  const list = Array.isArray(concepts) ? concepts : [concepts];
  return list.filter(isElement).flatMap((concept) => {
    const codings = elementsIn(concept.coding).flatMap((coding) => {
      const [system, code] = [textOf(coding, 'system'), textOf(coding, 'code')];
      return system !== undefined && code !== undefined ? [`${system}|${code}`] : [];
    });
    const text = textOf(concept, 'text');
    return codings.length > 0 || text === undefined ? codings : [text];
  });
}

function elementsIn(list: unknown): Element[] {
  return elementsOf(list).map(({ element }) => element);
}
