import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';

/** Who owes the next step of a Task, and until when: kept on the Task, so that a search finds what is overdue. */
export interface Owed {
  /** A Reference to the organization. */
  by: Element;
  /** In milliseconds since the epoch. */
  until: number;
  /** What the answer's clock had left when it was stopped to wait for information, in milliseconds. */
  remaining?: number;
}

const own: ReadonlySet<unknown> = new Set([extensions.waitingFor, extensions.due, extensions.remaining]);

/** What a Task says of the next step; undefined when nothing is owed. */
export function owedOf(task: Resource | null): Owed | undefined {
  const [by] = elements(extension(task, extensions.waitingFor), 'valueReference');
  const until = Date.parse(string(extension(task, extensions.due), 'valueDateTime') ?? '');
  if (!by || Number.isNaN(until)) return undefined;
  const [duration] = elements(extension(task, extensions.remaining), 'valueDuration');
  return { by, until, ...(duration && { remaining: Number(duration.value) * 1_000 }) };
}

/** The Task as it says what is owed, in place of what it said before; whatever a client wrote there does not count. */
export function withOwed(task: Resource, owed: Owed | undefined): Resource {
  const others = elements(task, 'extension').filter(({ url }) => !own.has(url));
  const { extension: _, ...rest } = task;
  const said = owed ? extensionsOf(owed) : [];
  return said.length + others.length === 0 ? rest : { ...rest, extension: [...others, ...said] };
}

function extensionsOf({ by, until, remaining }: Owed): Element[] {
  return [
    { url: extensions.waitingFor, valueReference: by },
    { url: extensions.due, valueDateTime: new Date(until).toISOString() },
    ...(remaining === undefined
      ? []
      : [
          {
            url: extensions.remaining,
            valueDuration: {
              value: Math.round(remaining / 1_000),
              unit: 's',
              system: 'http://unitsofmeasure.org',
              code: 's',
            },
          },
        ]),
  ];
}

/** A Task without what the server keeps on it: what clients are compared by. */
export function withoutOwed(task: Resource): Resource {
  return withOwed(task, undefined);
}
