import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { parameterTypes } from './steps.ts';

/** What a step is told, as Parameters: `arrivalPeriod` is `arrival-period`, and of a list each is a parameter by itself. */
export function asParameters(given: Readonly<Record<string, unknown>>): Parameters {
  const parameter = Object.entries(given).flatMap(([member, value]) => {
    const name = member.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const values = Array.isArray(value) ? value : [value];
    return values
      .filter((each) => each !== undefined)
      .map((each) => ({ name, [memberOf(parameterTypes[name]!)]: each }) as ParametersParameter);
  });
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}

function memberOf(type: string): string {
  if (type === 'Resource' || type === 'ServiceRequest') return 'resource';
  return `value${type[0]!.toUpperCase()}${type.slice(1)}`;
}
