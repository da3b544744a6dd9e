import { elements } from '../../fhir/elements.ts';
import { isError } from '../../fhir/outcome.ts';
import { Refusal, refusals, refuse, sentValue } from '../../fhir/refusal.ts';
import { isElement, type Resource } from '../../fhir/resource.ts';
import type { OperationRequest } from '../../interactions/operation.ts';
import type { Server } from '../../interactions/server.ts';

/** A parameter that a client gave: its name, and its `value[x]` or resource. */
export interface Given {
  name: string;
  /** `valueString`, `valueReference`, …, or `resource`. */
  member: string;
  value: unknown;
}

/**
 * The parameters of an operation's body, valid by the base specification. Refuses with 400 a body that is no
 * Parameters, and a parameter that the operation does not have.
 */
export function givenParameters(
  { body }: OperationRequest,
  server: Pick<Server, 'validator'>,
  names: readonly string[],
): Given[] {
  if (body === undefined) return [];
  if (body.resourceType !== 'Parameters')
    throw refuse(refusals.typeMismatch, [sentValue(body.resourceType, 64), 'Parameters']);
  const issues = server.validator.validateBase(body);
  if (issues.some(isError)) throw new Refusal(400, issues);
  return elements(body, 'parameter').flatMap((parameter) => {
    const name = String(parameter.name);
    if (!names.includes(name))
      throw refuse(refusals.unknownStepParameter, [name.slice(0, 100), names.join(', ') || '-']);
    const member = Object.keys(parameter).find((each) => each.startsWith('value') || each === 'resource');
    return member ? [{ name, member, value: parameter[member] }] : [];
  });
}

/** The resources among the parameters of a name. */
export function resourcesNamed(given: readonly Given[], name: string): Resource[] {
  return given.flatMap((each) =>
    each.name === name && each.member === 'resource' && isElement(each.value) ? [each.value as Resource] : [],
  );
}
