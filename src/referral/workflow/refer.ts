import { randomUUID } from 'node:crypto';
import { codings, elements, string } from '../../fhir/elements.ts';
import { Refusal } from '../../fhir/refusal.ts';
import { type Element, isElement, type Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { calledOn, changeOf, creationOf, keepAll } from '../../interactions/operation-changes.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { referred } from '../appointments/place.ts';
import { isConsultation } from '../recognise.ts';
import { createReferences } from '../reference.ts';
import { codeSystems, stepOperationUrl } from '../vocabulary.ts';
import { followingTask } from './following-task.ts';
import { type Given, givenParameters } from './given-parameters.ts';
import { withoutOwed } from './owed.ts';
import { illegalStep } from './refusals.ts';
import { stateOf, withState } from './states.ts';
import { steps } from './steps.ts';

const names = ['receiver', 'number', 'priority', 'indication', 'service'];

const row = steps.find(({ name }) => name === 'refer')!;

/** What the referral has from the consultation: the case as it is known. */
const known = [
  'meta',
  'extension',
  'code',
  'subject',
  'encounter',
  'requester',
  'performerType',
  'reasonReference',
  'insurance',
  'note',
  'patientInstruction',
] as const;

/**
 * `Task/[id]/$refer` on the Task of a tele-consultation: its sender refers the patient, with what the consultation
 * already says. A new referral, based on it, is asked of the `receiver` in the same chain; a consultation that was not
 * answered is completed as referred by that, one that was answered with advice stays so, and the advice goes along:
 * all of it or nothing. Answers with the Task of the new referral.
 */
export const refer: Operation = {
  name: '$refer',
  definition: stepOperationUrl('$refer'),
  on: { instance: true, types: ['Task'] },
  affectsState: true,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const given = givenParameters(request, server, names);
  const references = createReferences(request.base);
  return server.store.write(async (transaction) => {
    const { replaced, before } = await calledOn(request, transaction);
    const isAdvised = stateOf(before) === 'completed:advised';
    const consultation = await referred(transaction as Reader, references, before, 'focus', 'ServiceRequest');
    const isOpen = row.from.some((state) => state === stateOf(before));
    if (!isConsultation(consultation) || !(isOpen || isAdvised))
      throw new Refusal(409, [
        illegalStep(
          before,
          'completed:referred',
          steps.filter(
            ({ from, only }) => only !== 'consult' && from.some((state) => state === stateOf(before)),
          ),
        ),
      ]);
    const referral = referralFrom(consultation, before, given, server.now());
    const [owner] = elements(referral, 'performer');
    const task = followingTask(withoutOwed(before), owner!, 'requested:submitted', server.now(), {
      focus: { reference: `ServiceRequest/${referral.id}` },
      priority: referral.priority,
    });
    return keepAll(server, transaction, [
      creationOf(server, task.id, task),
      creationOf(server, referral.id, referral),
      ...(isAdvised ? [] : [changeOf(server, replaced, withState(before, 'completed:referred'))]),
    ]);
  });
}

/** The referral: what is given, else what the consultation says. */
function referralFrom(
  consultation: Resource,
  task: Resource,
  given: readonly Given[],
  now: number,
): Resource & { id: string } {
  const values = (name: string) => given.filter((each) => each.name === name).map(({ value }) => value);
  const [receiver] = values('receiver').filter(isElement);
  const [number] = values('number').filter(isElement);
  const indications = values('indication');
  const [service] = values('service');
  const category = elements(consultation, 'category').filter(
    (each) => !codings({ each }, 'each').some(({ system }) => system === codeSystems.service),
  );
  const evidence = [...elements(consultation, 'supportingInfo'), ...adviceIn(task)];
  return {
    resourceType: 'ServiceRequest',
    id: randomUUID(),
    ...Object.fromEntries(
      known.flatMap((name) => (consultation[name] === undefined ? [] : [[name, consultation[name]]])),
    ),
    identifier: elements(consultation, 'identifier')
      .filter(isSenders)
      .slice(0, 1)
      .map((own) => numbered(own, number)),
    basedOn: [{ reference: `ServiceRequest/${consultation.id}` }],
    status: 'active',
    intent: 'order',
    category: [
      ...category,
      ...(service === undefined ? [] : [{ coding: [{ system: codeSystems.service, code: service }] }]),
    ],
    priority: values('priority')[0] ?? consultation.priority,
    authoredOn: new Date(now).toISOString(),
    performer: receiver ? [receiver] : consultation.performer,
    reasonCode: indications.length > 0 ? indications : consultation.reasonCode,
    ...(evidence.length > 0 && { supportingInfo: evidence }),
  };
}

function isSenders(identifier: Element): boolean {
  return codings(identifier, 'type').some(({ code }) => code === 'PLAC');
}

/** The number of the referral: the one given, else that of the consultation with `-1` behind it. */
function numbered(own: Element, given: Element | undefined): Element {
  if (!given) return { ...own, value: `${string(own, 'value')}-1` };
  return { ...own, ...given, type: own.type };
}

/** The advice, as far as it is a resource of this server. */
function adviceIn(task: Resource): Element[] {
  return elements(task, 'output')
    .filter((output) => codings(output, 'type').some(({ code }) => code === 'consult-note'))
    .flatMap((output) => elements(output, 'valueReference'))
    .filter(({ reference }) => reference !== undefined);
}
