import type { Element } from '../../../fhir/resource.ts';
import { codingIn, codingsIn, textIn } from '../bundle/part.ts';
import type { Problem } from '../problem.ts';
import { numberSystems } from '../vocabulary.ts';
import { problemAt, type SentStep, type StepContext } from './step.ts';

type Made = SentStep | { problems: Problem[] };

/** The institution that a row sends the referral to, where it names one. */
async function receiver(context: StepContext): Promise<Element[] | { problems: Problem[] }> {
  const { row, directory } = context;
  const called = { number: textIn(row, 'receiver-code'), name: textIn(row, 'receiver-name') };
  if (called.number === undefined && called.name === undefined) return [];
  const found = await directory.organization(called);
  if ('reference' in found) return [{ name: 'receiver', valueReference: found.reference }];
  const field = called.number === undefined ? 'receiver-name' : 'receiver-code';
  return { problems: [problemAt(context, field, found.problem)] };
}

/** The parameters of `$redirect`: the institution, which the row has to name, and the reason. */
export async function redirectParameters(context: StepContext, reason: readonly Element[]): Promise<Made> {
  const to = await receiver(context);
  if ('problems' in to) return to;
  if (to.length > 0) return { parameters: [...to, ...reason], resources: [] };
  const missing = { zh: '改派须填写', en: 'a redirection needs it' };
  return { problems: [problemAt(context, 'receiver-name', missing)] };
}

/** The parameters of `$refer` on a tele-consultation: what the row does not say is as in the consultation. */
export async function referParameters(context: StepContext): Promise<Made> {
  const { row } = context;
  const to = await receiver(context);
  if ('problems' in to) return to;
  const value = textIn(row, 'down-number');
  const code = (field: string) => {
    const valueCode = codingIn(row, field)?.code;
    return valueCode === undefined ? [] : [{ name: field, valueCode }];
  };
  const parameters = [
    ...to,
    ...(value === undefined
      ? []
      : [{ name: 'number', valueIdentifier: { system: numberSystems.referral, value } }]),
    ...code('priority'),
    ...codingsIn(row, 'indication').map((coding) => ({
      name: 'indication',
      valueCodeableConcept: { coding: [coding] },
    })),
    ...code('service'),
  ];
  return { parameters, resources: [] };
}
