import { compile, type Expression } from '../fhirpath/compile.ts';

/** Steps of evaluation that one expression may take on one resource: expressions may come from strangers. */
const mostSteps = 200_000;

/**
 * A FHIRPath expression as far as it can be evaluated: what a resource has that is beyond its bounds, or that makes no
 * sense to it, is not found by it, but does not keep the resource from being stored.
 */
export function boundedExpression(expression: string, type: string): Expression {
  const evaluate = compile(expression, { type, steps: mostSteps });
  return (focus, environment) => {
    try {
      return evaluate(focus, environment);
    } catch {
      return [];
    }
  };
}
