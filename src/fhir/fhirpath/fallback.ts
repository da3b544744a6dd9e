import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { Environment } from './scope.ts';

/** Evaluates a whole expression on raw values. */
export type Interpreter = (focus: unknown, environment: Environment) => unknown[];

/**
 * fhirpath.js, for expressions that have constructs which are not translated: right, but some hundred times slower.
 * It throws plain strings here and there: they become Errors. `type` is the type of the focus when it is no resource.
 */
export function interpreter(expression: string, type: string | undefined): Interpreter {
  const evaluate = fhirpath.compile(type ? { base: type, expression } : expression, r4, {
    resolveInternalTypes: false,
    traceFn: () => {},
  });
  return (focus, environment) => {
    try {
      return (evaluate(focus as object, environment) as unknown[]).map(raw).filter((value) => value != null);
    } catch (error) {
      throw error instanceof Error ? error : new TypeError(String(error));
    }
  };
}

/** The JSON of a result: nodes are unwrapped, dates, decimals and quantities written out. */
function raw(result: unknown): unknown {
  const value = isNode(result) ? result.data : result;
  if (typeof value === 'bigint') return String(value);
  return hasJson(value) ? value.toJSON() : value;
}

function isNode(value: unknown): value is { data: unknown } {
  return typeof value === 'object' && value !== null && 'fhirNodeDataType' in value && 'data' in value;
}

function hasJson(value: unknown): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown } | null)?.toJSON === 'function';
}
