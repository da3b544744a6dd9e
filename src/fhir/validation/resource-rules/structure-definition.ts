import { isElement, type Resource } from '../../resource.ts';
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
export function checkStructureDefinition({ differential, snapshot }: Resource, visit: Visit): void {
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
