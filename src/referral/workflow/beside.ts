import { codesOf, elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Change } from '../../interactions/guard.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { directionOf, isConsultation, isReferral } from '../recognise.ts';
import { isSame, type References } from '../reference.ts';
import type { Beside } from './requirements.ts';
import { stateOf } from './states.ts';

const taskCode = 'http://hl7.org/fhir/CodeSystem/task-code';

/** Of the Tasks that a Task was passed on to, or asked to be aborted by, so many are looked at. */
const mostTasks = 20;

/** What goes together with a step of a Task; the store is asked only about what the step can need. */
export async function besideOf(
  { id, before, after }: { id: string; before: Resource | null; after: Resource },
  sources: { records: Records; references: References; changes: readonly Change[] },
): Promise<Beside> {
  const { records, references, changes } = sources;
  const own = { type: 'Task', id };
  if (!before) return { predecessor: await predecessorOf(own, after, sources) };
  const state = stateOf(after);
  const brought = changes.flatMap(({ type, resource }) => (type === 'Task' && resource ? [resource] : []));
  const successor = brought.find(
    (task) => isSame(references.target(task, 'partOf', 'Task'), own) && isSameChain(task, after, references),
  );
  const referral = references.target(after, 'focus', 'ServiceRequest');
  const made = changes.filter(
    ({ type, resource, previous }) =>
      type === 'ServiceRequest' &&
      resource &&
      !previous &&
      references.targets(resource, 'basedOn').some((based) => isSame(based, referral)),
  );
  const down = made.find(
    ({ type, id, resource }) =>
      directionOf(resource!) === 'down' &&
      brought.some((task) => isSame(references.target(task, 'focus'), { type, id })),
  );
  const referred = made.find(({ resource }) => isReferral(resource!) && !isConsultation(resource!));
  return {
    ...(successor && { successor }),
    ...(down?.resource && { downReferral: down.resource }),
    ...(referred?.resource && { madeReferral: referred.resource }),
    ...(stateOf(before).startsWith('in-progress') &&
      state.startsWith('cancelled') && { cancellation: await cancellationOf(own, records) }),
  };
}

/** The Task that a new one takes over from: rejected or superseded, of the same referral, and not taken over before. */
async function predecessorOf(
  own: { type: string; id: string },
  after: Resource,
  { records, references }: { records: Records; references: References },
): Promise<Resource | undefined> {
  const target = references.target(after, 'partOf', 'Task');
  const earlier = target && (await records.find(target));
  if (!target || !earlier || !isSameChain(earlier, after, references)) return undefined;
  const state = stateOf(earlier);
  if (state !== 'cancelled:superseded' && !state.startsWith('rejected:')) return undefined;
  const successors = [
    ...records.submitted('Task'),
    ...(await records.stored('Task', refersTo('part-of', target), mostTasks)),
  ].filter(
    (task) =>
      task.id !== own.id &&
      isSame(references.target(task, 'partOf', 'Task'), target) &&
      isSameChain(task, earlier, references),
  );
  return successors.length === 0 ? earlier : undefined;
}

/** Whether two Tasks are of the same referral and, as far as both say so, of the same chain. */
function isSameChain(a: Resource, b: Resource, references: References): boolean {
  const chain = (task: Resource) => elements(task, 'groupIdentifier')[0];
  const [one, other] = [chain(a), chain(b)];
  return (
    isSame(references.target(a, 'focus'), references.target(b, 'focus')) &&
    (!one || !other || (one.value === other.value && one.system === other.system))
  );
}

/** The sender's request to cancel after arrival, once the receiver has granted it (COW: a Task of code abort). */
async function cancellationOf(
  own: { type: string; id: string },
  records: Records,
): Promise<Resource | undefined> {
  const asked = [
    ...records.submitted('Task'),
    ...(await records.stored('Task', refersTo('focus', own), mostTasks)),
  ];
  return asked.find(
    (task) =>
      codesOf(task, 'code', taskCode).includes('abort') &&
      (task.status === 'completed' || task.status === 'accepted') &&
      string(elements(task, 'focus')[0], 'reference')?.endsWith(`Task/${own.id}`),
  );
}
