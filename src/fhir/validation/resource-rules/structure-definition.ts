import { isElement, type Resource } from '../../resource.ts';
import { canonicalOfType } from '../../snapshots/element-definition.ts';
import { findings } from '../findings/findings.ts';
import type { Visit } from '../visit.ts';
import { at, elementsOf, textOf } from './members.ts';

/** Types that a binding can stand on (http://hl7.org/fhir/R4/terminologies.html#strength). */
const bindable = new Set([
  'code',
  'Coding',
  'CodeableConcept',
  'Quantity',
  'string',
  'uri',
  'Extension',
  'Reference',
]);

/** The rules of http://hl7.org/fhir/R4/elementdefinition.html that no invariant states. */
export function checkStructureDefinition(definition: Resource, visit: Visit, isSound: boolean): void {
  const { differential, snapshot } = definition;
  checkBindings(differential, snapshot, visit);
  // A snapshot is generated of what is one, and what is not is told already.
  if (isSound) checkDifferential(definition, visit);
  if (definition.type === 'Extension') checkExtension(definition, visit);
}

function checkBindings(differential: unknown, snapshot: unknown, visit: Visit): void {
  for (const [name, view] of [
    ['differential', differential],
    ['snapshot', snapshot],
  ] as const) {
    if (!isElement(view)) continue;
    for (const { element, index } of elementsOf(view.element)) {
      const types = elementsOf(element.type).map(({ element: type }) => textOf(type, 'code') ?? '');
      if (element.binding !== undefined && types.length > 0 && !types.some((type) => bindable.has(type))) {
        at(visit, [[name], ['element', index]], () =>
          visit.report.add(findings.notBindable, [types.join(', ')]),
        );
      }
    }
  }
}

const problemFindings = {
  min: findings.minLowered,
  max: findings.maxRaised,
  type: findings.typeWidened,
  value: findings.valueOfOtherType,
  slicing: findings.slicedByNothing,
} as const;

/** A constraint has its base's type, and nothing in its differential that its base does not have or allow. */
function checkDifferential(definition: Resource, visit: Visit): void {
  const { type, baseDefinition, differential, derivation } = definition;
  const { report, judges } = visit;
  if (derivation !== 'constraint' || typeof baseDefinition !== 'string' || !isElement(differential)) return;
  const base = judges.structure(baseDefinition);
  if (!base) return;
  if (base.type !== type) {
    report.add(findings.typeOfBase, [String(type), base.type]);
    return;
  }
  const elements = elementsOf(differential.element);
  if (elements.length === 0 || elements.some(({ element }) => textOf(element, 'path') === undefined)) return;
  const generated = judges.snapshotOf(definition);
  const at = (index: number, work: () => void) => atElement(visit, index, work);
  if ('misplaced' in generated)
    for (const { index, path } of generated.misplaced)
      at(index, () => report.add(findings.noSuchElement, [path], path));
  else if ('problems' in generated)
    for (const { index, path, what } of generated.problems)
      at(index, () => report.add(problemFindings[what], [path], path));
}

function atElement(visit: Visit, index: number, work: () => void): void {
  at(visit, [['differential'], ['element', index]], work);
}

/** http://hl7.org/fhir/R4/defining-extensions.html: an extension is known by its own URL, and stands on what there is. */
function checkExtension({ url, differential, context }: Resource, visit: Visit): void {
  const { report, judges } = visit;
  const elements = isElement(differential) ? elementsOf(differential.element) : [];
  for (const { element, index } of elements) {
    const { path, fixedUri } = element;
    if (path === 'Extension.url' && typeof fixedUri === 'string' && fixedUri !== url)
      atElement(visit, index, () =>
        report.add(findings.extensionOfOtherUrl, [fixedUri, String(url)], fixedUri),
      );
  }
  for (const { element, index } of elementsOf(context)) {
    const expression = textOf(element, 'expression') ?? '';
    const [type = ''] = expression.split(/[.#]/, 1);
    if (element.type !== 'element' || !/^[A-Z][A-Za-z]*$/.test(type)) continue;
    if (!judges.structure(canonicalOfType(type)))
      at(visit, [['context', index]], () => report.add(findings.noSuchElement, [expression], expression));
  }
}
