import { type CompileOptions, type Evaluation, evaluation, valuesOf } from './evaluation.ts';
import { interpreter } from './fallback.ts';
import type { Environment, Services } from './scope.ts';
import { Unsupported } from './unsupported.ts';

export type { CompileOptions, Environment, Services };

/** A compiled FHIRPath expression: takes the focus (a resource or element) and gives the collection. */
export type Expression = (focus: unknown, environment?: Environment, services?: Services) => unknown[];

/**
 * Compiles a FHIRPath expression (http://hl7.org/fhirpath/N1) over R4. Members of choice elements are found by the
 * type of the focus; of an element whose type is not told, under any of their names. Throws a SyntaxError when it
 * cannot be parsed. The expression that it gives throws an Error when it cannot be evaluated, a RangeError when that
 * takes too many steps; it never changes what it is given.
 */
export function compile(expression: string, options: CompileOptions = {}): Expression {
  let slow: ReturnType<typeof interpreter> | undefined;
  const fallback = (reason: Unsupported, focus: unknown, environment: Environment): unknown[] => {
    if (options.steps !== undefined) throw new SyntaxError(`Not supported: ${reason.message}`);
    slow ??= interpreter(expression, options.type);
    return slow(focus, environment);
  };
  let evaluate: Evaluation;
  try {
    evaluate = evaluation(expression, options);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    if (options.steps !== undefined || options.native)
      throw new SyntaxError(`Not supported: ${error.message}`);
    return (focus, environment = {}) => fallback(error, focus, environment);
  }
  return (focus, environment = {}, services = undefined) => {
    try {
      return valuesOf(evaluate(focus, environment, services));
    } catch (error) {
      if (error instanceof Unsupported) return fallback(error, focus, environment);
      throw error;
    }
  };
}
