import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { pathOf } from '../reference.ts';
import type { Filed } from '../submission/file-resources.ts';
import { taskOf } from '../submission/task-of.ts';
import type { Message } from './message.ts';
import type { MessageStep } from './step.ts';

/** What of a message coordinates a referral. */
const coordinating: ReadonlySet<string> = new Set(['ServiceRequest', 'Task']);

/**
 * What is on record of the referral of a message, as `Type/[id]`: the referral and its Task, be they new or not, and
 * others that the message made.
 */
export async function pathsOf(
  reader: Reader,
  { sent }: Message,
  { targets }: Filed,
  step: MessageStep | undefined,
): Promise<string[]> {
  const made = sent.flatMap(({ index, resource }) =>
    coordinating.has(resource.resourceType) ? (targets.get(index) ?? []) : [],
  );
  const version = step && (await reader.read('Task', step.task.id));
  const referral = version?.text ? elements(JSON.parse(version.text) as Resource, 'focus') : [];
  const asked = made.find(({ type }) => type === 'ServiceRequest');
  const task = step?.task ?? (asked && (await taskOf(reader, asked)));
  return [
    ...new Set([
      ...referral.flatMap((reference) => string(reference, 'reference') ?? []),
      ...made.map(pathOf),
      ...(task ? [pathOf(task)] : []),
    ]),
  ];
}

/** The resources at these places, as far as they are to be seen: an answer has in it what it is about. */
export async function shownAt(
  { base }: Pick<Server, 'base'>,
  reader: Reader,
  paths: readonly string[],
): Promise<{ fullUrl: string; resource: Resource }[]> {
  const shown: { fullUrl: string; resource: Resource }[] = [];
  for (const path of paths) {
    const [type, id] = path.split('/') as [string, string];
    const version = await reader.read(type, id);
    if (version?.text)
      shown.push({ fullUrl: `${base}/${path}`, resource: JSON.parse(version.text) as Resource });
  }
  return shown;
}
