import { readJson } from '../../fhir/json/parse.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import type { Server } from '../../interactions/server.ts';
import { createReferences } from '../reference.ts';
import { stepOperationUrl } from '../vocabulary.ts';
import { mayTake, stepsFrom } from './decide.ts';
import { owedOf } from './owed.ts';
import { partiesOf } from './parties.ts';
import { type Requirement, requirements, type StepContext } from './requirements.ts';
import type { Step } from './steps.ts';

/**
 * `Task/[id]/$next-steps`: the steps that whoever asks may take now, each with what it needs and whether that is there,
 * so that a screen shows the right buttons; and who owes the next one until when. Without a known actor, all steps.
 */
export const nextSteps: Operation = {
  name: '$next-steps',
  definition: stepOperationUrl('$next-steps'),
  on: { instance: true, types: ['Task'] },
  affectsState: false,
  run: answer,
};

async function answer({ store, id, base }: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { text } = await presentVersion(store, 'Task', id!);
  const task = readJson(text) as Resource;
  const references = createReferences(base);
  const focus = references.target(task, 'focus', 'ServiceRequest');
  const stored = focus && (await store.read(focus.type, focus.id));
  const referral = stored?.text ? (readJson(stored.text) as Resource) : undefined;
  const context: StepContext = {
    before: task,
    after: task,
    referral,
    beside: {},
    noShowFrom: undefined,
    now: server.now(),
  };
  const parties = partiesOf(server.actor, task, references);
  const parameter = stepsFrom(context)
    .filter((step) => mayTake(step, parties))
    .map((step) => described(step, context));
  const owed = owedOf(task);
  if (owed) {
    parameter.push({ name: 'waiting-for', valueReference: owed.by });
    parameter.push({ name: 'due', valueDateTime: new Date(owed.until).toISOString() });
  }
  return {
    status: 200,
    resource: { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) },
  };
}

function described({ name, operation, to, who, requires, text }: Step, context: StepContext): Element {
  return {
    name: 'step',
    part: [
      { name: 'name', valueCode: name },
      { name: 'text', valueString: `${text.zh} / ${text.en}` },
      ...(operation === undefined ? [] : [{ name: 'operation', valueString: operation }]),
      ...to.map((state) => ({ name: 'state', valueString: state })),
      ...who.map((party) => ({ name: 'party', valueCode: party })),
      ...requires.map((key) => {
        const { text: need, place, isMet }: Requirement = requirements[key];
        return {
          name: 'requires',
          part: [
            { name: 'name', valueCode: key },
            { name: 'text', valueString: `${need.zh} / ${need.en}` },
            { name: 'place', valueString: place },
            { name: 'met', valueBoolean: isMet(context) },
          ],
        };
      }),
    ],
  };
}
