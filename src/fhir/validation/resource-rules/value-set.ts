import type { Element, Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import type { Visit } from '../visit.ts';
import { isExpressionConstraint } from './expression-constraint.ts';
import { at, elementsOf, textOf } from './members.ts';

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const snomed = 'http://snomed.info/sct';
const booleanProperties = new Set(['notSelectable', 'inactive']);

/** The rules of http://hl7.org/fhir/R4/valueset.html about systems and filters. */
export function checkValueSet({ compose }: Resource, visit: Visit): void {
  const { include, exclude } = (compose ?? {}) as Element;
  for (const [name, list] of [
    ['include', include],
    ['exclude', exclude],
  ] as const) {
    for (const { element, index } of elementsOf(list)) {
      at(visit, [['compose'], [name, index]], () => checkInclude(element, visit));
    }
  }
}

function checkInclude(include: Element, visit: Visit): void {
  const system = textOf(include, 'system');
  if (system !== undefined && !absolute.test(system)) visit.report.add(findings.relativeSystem, [], system);
  for (const { element, index } of elementsOf(include.filter)) {
    at(visit, [['filter', index]], () => checkFilter(element, system, visit));
  }
}

function checkFilter(filter: Element, system: string | undefined, { report }: Visit): void {
  const property = textOf(filter, 'property');
  const op = textOf(filter, 'op');
  const value = textOf(filter, 'value');
  if (property === undefined || op === undefined || value === undefined) return;
  if (op === 'exists' || booleanProperties.has(property)) {
    if (value !== 'true' && value !== 'false') report.add(findings.filterBoolean, [property], value);
  }
  if (op === 'regex' && !isRegularExpression(value)) report.add(findings.filterRegex, [property], value);
  if (system === snomed) checkSnomedFilter(property, op, value, report);
}

/** http://hl7.org/fhir/R4/snomedct.html#4.3.1.0.5: how value sets filter SNOMED CT. */
function checkSnomedFilter(property: string, op: string, value: string, report: Visit['report']): void {
  const allowed = /^\d+$/.test(property) ? ['=', 'in'] : property === 'constraint' ? ['='] : undefined;
  if (allowed && !allowed.includes(op))
    report.add(findings.filterOperator, [op, property, allowed.join(', ')], op);
  if (property === 'constraint' && op === '=' && !isExpressionConstraint(value)) {
    report.add(findings.filterExpression, [], value);
  }
  const namesConcept =
    property === 'concept' && ['is-a', 'descendent-of', 'is-not-a', 'generalizes'].includes(op);
  if (namesConcept && !/^\d{6,18}$/.test(value)) report.add(findings.filterConcept, [value], value);
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
