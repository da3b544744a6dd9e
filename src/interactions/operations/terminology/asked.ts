import { elements } from '../../../fhir/elements.ts';
import { isError } from '../../../fhir/outcome.ts';
import { Refusal, refusals, refuse, sentValue } from '../../../fhir/refusal.ts';
import { type Coding, type Element, isElement, isResource, type Resource } from '../../../fhir/resource.ts';
import type { OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';

/** What a terminology operation is asked, valid by the base specification. */
export interface Asked {
  /** The simple values of a parameter, from the address or the body. */
  texts(name: string): readonly string[];
  text(name: string): string | undefined;
  /** True only for `true`. */
  flag(name: string): boolean;
  /** A whole number of 0 or more. Refuses another with 400. */
  count(name: string): number | undefined;
  /** The value of a parameter that is an element, e.g. a Coding. */
  element(name: string): Element | undefined;
  resource(name: string): Resource | undefined;
}

/**
 * Reads what is asked by an operation's own definition. Refuses with 400 a parameter that it does not have, and a body
 * that is not valid; a body that is the one resource which the operation takes stands for that parameter
 * (http://hl7.org/fhir/R4/operations.html#request).
 *
 * @param definition the canonical URL of its OperationDefinition
 * @param taken name and type of the resource that can be sent by itself
 */
export function readAsked(
  { body, parameters }: OperationRequest,
  { definitions, validator }: Pick<Server, 'definitions' | 'validator'>,
  definition: string,
  taken?: { name: string; type: string },
): Asked {
  const names = elements(definitions.find('OperationDefinition', definition), 'parameter')
    .filter(({ use }) => use === 'in')
    .map(({ name }) => String(name));
  const isBare = body !== undefined && body.resourceType === taken?.type;
  if (body && !isBare && body.resourceType !== 'Parameters')
    throw refuse(refusals.typeMismatch, [sentValue(body.resourceType, 64), taken?.type ?? 'Parameters']);
  const issues = body ? validator.validateBase(body) : [];
  if (issues.some(isError)) throw new Refusal(400, issues);
  const given = isBare ? [] : elements(body, 'parameter');
  for (const name of [...parameters.keys(), ...given.map((each) => String(each.name))])
    if (!names.includes(name))
      throw refuse(refusals.unknownStepParameter, [name.slice(0, 100), names.join(', ')]);

  const texts = (name: string) => parameters.get(name) ?? [];
  const givenValue = (name: string) => {
    const parameter = given.find((each) => each.name === name);
    const member = parameter && Object.keys(parameter).find((key) => key.startsWith('value'));
    return member === undefined ? undefined : parameter![member];
  };
  return {
    texts,
    text: (name) => texts(name)[0],
    flag: (name) => texts(name)[0] === 'true',
    count: (name) => {
      const [text] = texts(name);
      if (text !== undefined && !/^\d{1,9}$/.test(text))
        throw refuse(refusals.invalidRequest, [
          {
            zh: `参数「${name}」须为非负整数`,
            en: `the parameter "${name}" must be a whole number of 0 or more`,
          },
        ]);
      return text === undefined ? undefined : Number(text);
    },
    element: (name) => {
      const value = givenValue(name);
      return isElement(value) ? value : undefined;
    },
    resource: (name) => {
      if (isBare && name === taken!.name) return body;
      const found = given.find((each) => each.name === name)?.resource;
      return isResource(found) ? found : undefined;
    },
  };
}

/** The codings of a `coding`, a `codeableConcept`, or a `code` with its system. Refuses with 400 when none is given. */
export function codingsAsked(asked: Asked, system?: string, version?: string): Coding[] {
  const coding = asked.element('coding');
  if (coding) return [coding as Coding];
  const concept = asked.element('codeableConcept');
  if (concept) return elements(concept, 'coding') as Coding[];
  return [codeAsked(asked, 'code', system, version)];
}

/** The coding that a parameter with a code, and the system beside it, are. Refuses with 400 when there is no code. */
export function codeAsked(asked: Asked, name: string, system?: string, version?: string): Coding {
  const code = asked.text(name);
  if (code === undefined) throw refuse(refusals.missingStepParameter, [name]);
  const display = asked.text('display');
  return {
    code,
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    ...(display !== undefined && { display }),
  };
}
