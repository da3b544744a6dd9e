import type { Request as ExpressRequest } from 'express';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { parseQuery } from '../../interactions/request.ts';
import { intakeRefusals } from '../../referral/intake/refusals.ts';

/** The parameters of an address, each given once. Refuses with 400 those that there are not, and those given twice. */
export function readParameters(
  message: ExpressRequest,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const query = message.url.includes('?') ? message.url.slice(message.url.indexOf('?') + 1) : '';
  let given: readonly (readonly [string, string])[];
  try {
    given = parseQuery(query);
  } catch {
    throw refuse(refusals.invalidParameter, [
      query.slice(0, 100),
      { zh: '百分号编码有误', en: 'not well percent-encoded' },
    ]);
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of given) {
    if (!names.includes(name) || parameters.has(name))
      throw refuse(intakeRefusals.unknownParameter, [name.slice(0, 100), names.join(', ')]);
    parameters.set(name, value);
  }
  return parameters;
}

/** A parameter that takes one of some values. Refuses with 400 any other. */
export function oneOf<T extends string>(
  parameters: ReadonlyMap<string, string>,
  name: string,
  values: readonly T[],
): T | undefined {
  const given = parameters.get(name);
  if (given === undefined) return undefined;
  const value = values.find((each) => each === given);
  if (value === undefined)
    throw refuse(intakeRefusals.parameter, [name, given.slice(0, 100), values.join(', ')]);
  return value;
}

/** A parameter that is a switch: `true`, or given without a value. */
export function isOn(parameters: ReadonlyMap<string, string>, name: string): boolean {
  const value = oneOf(parameters, name, ['true', 'false', '']);
  return value === 'true' || value === '';
}

/** Whether who asks wants CSV rather than JSON, by `format` or `Accept`. */
export function wantsCsv(message: ExpressRequest, format: string | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  return message.accepts(['application/json', 'text/csv']) === 'text/csv';
}
