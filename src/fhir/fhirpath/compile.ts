import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/** What FHIRPath's `%name` variables stand for: a value, or a list of values. */
export type Environment = Record<string, unknown>;

/** A compiled FHIRPath expression: takes the focus (a resource or element) and gives the collection. */
export type Expression = (focus: unknown, environment?: Environment) => unknown[];

/**
 * Compiles a FHIRPath expression (http://hl7.org/fhirpath/N1) over R4. `type` is the type or path of the focus,
 * e.g. `Observation.component`, for a focus that is no resource: without it, `value` does not find `valueQuantity`.
 * Throws a SyntaxError when it cannot be parsed; evaluation errors are thrown by the expression it gives.
 */
export function compile(expression: string, type?: string): Expression {
  const evaluate = fhirpath.compile(type ? { base: type, expression } : expression, r4);
  return (focus, environment) => evaluate(focus as object, environment ?? {}) as unknown[];
}
