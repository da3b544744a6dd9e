import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';
import { owedOf } from './owed.ts';
import type { Step } from './steps.ts';

/** A step that a referral has taken: kept on its Task, so that registers read when what happened without its history. */
export interface TakenStep {
  /** The row of the table. */
  step: string;
  /** In milliseconds since the epoch. */
  time: number;
  /** Until when it was owed, where it was. */
  due?: number;
}

/** A Task takes about ten steps; of one that goes to and fro without end the first and the latest are kept. */
const mostKept = 64;

/** The steps that a Task has taken, in order. */
export function takenSteps(task: Resource | null | undefined): TakenStep[] {
  return elements(task, 'extension')
    .filter(({ url }) => url === extensions.stepTaken)
    .flatMap((each) => {
      const step = string(extension(each, 'step'), 'valueCode');
      const time = Date.parse(string(extension(each, 'time'), 'valueDateTime') ?? '');
      const due = Date.parse(string(extension(each, 'due'), 'valueDateTime') ?? '');
      if (step === undefined || Number.isNaN(time)) return [];
      return [{ step, time, ...(!Number.isNaN(due) && { due }) }];
    });
}

/** The Task as it says which steps it has taken, whatever a client wrote there. */
export function withTakenSteps(task: Resource, taken: readonly TakenStep[]): Resource {
  const others = elements(task, 'extension').filter(({ url }) => url !== extensions.stepTaken);
  const { extension: _, ...rest } = task;
  const all = [...others, ...bounded(taken).map(extensionOf)];
  return all.length === 0 ? rest : { ...rest, extension: all };
}

/** The Task after a step that it takes now, with the steps that it has taken before. */
export function withStepTaken(task: Resource, before: Resource | null, step: Step, now: number): Resource {
  const due = owedOf(before)?.until;
  const taken = { step: step.name, time: now, ...(due !== undefined && { due }) };
  return withTakenSteps(task, [...takenSteps(before), taken]);
}

function bounded(taken: readonly TakenStep[]): readonly TakenStep[] {
  const half = mostKept / 2;
  return taken.length <= mostKept ? taken : [...taken.slice(0, half), ...taken.slice(-half)];
}

function extensionOf({ step, time, due }: TakenStep): Element {
  return {
    url: extensions.stepTaken,
    extension: [
      { url: 'step', valueCode: step },
      { url: 'time', valueDateTime: new Date(time).toISOString() },
      ...(due === undefined ? [] : [{ url: 'due', valueDateTime: new Date(due).toISOString() }]),
    ],
  };
}
