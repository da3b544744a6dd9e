import { elements, extension, string } from '../../fhir/elements.ts';
import { type Element, isElement, type Resource } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';

/** The three priorities of the green channel: seen first, examined first, admitted first (优先就诊、优先检查、优先住院). */
export const greenChannelPriorities = ['visit', 'exam', 'bed'] as const;

/** `Appointment.priority` by that of the referral, as in iCal: 1 is the highest, 9 the lowest, 5 in the middle. */
const byPriority: Readonly<Record<string, number>> = { stat: 1, asap: 2, urgent: 3 };
const usual = 5;

/**
 * The priorities that a referral asks for, or a Task says were granted. A green channel that is open without a word on
 * which is all three.
 */
export function prioritiesOf(resource: Resource | undefined): string[] {
  const named = codesIn(resource);
  if (named.length > 0) return named;
  const isGreen = extension(resource, extensions.greenChannel)?.valueBoolean === true;
  return isGreen ? [...greenChannelPriorities] : [];
}

/**
 * `Appointment.priority` of a referral with what is granted of the green channel: the number that schedulers sort by,
 * and on it the priorities themselves.
 */
export function appointmentPriority(
  referral: Resource | undefined,
  granted: readonly string[],
): Record<string, unknown> {
  if (granted.length === 0) return { priority: byPriority[String(referral?.priority)] ?? usual };
  return { priority: 1, _priority: { extension: granted.map(asExtension) } };
}

/** The priorities that an appointment carries. */
export function grantedBy(appointment: Resource): string[] {
  return isElement(appointment._priority) ? codesIn(appointment._priority) : [];
}

/** The Task with what its appointment grants of the green channel; as it is where that grants nothing. */
export function withGranted(task: Resource, granted: readonly string[]): Resource {
  if (granted.length === 0) return task;
  const others = elements(task, 'extension').filter(({ url }) => url !== extensions.greenChannelPriority);
  return { ...task, extension: [...others, ...granted.map(asExtension)] };
}

const asExtension = (code: string): Element => ({ url: extensions.greenChannelPriority, valueCode: code });

function codesIn(parent: Element | undefined): string[] {
  return elements(parent, 'extension').flatMap((each) =>
    each.url === extensions.greenChannelPriority ? (string(each, 'valueCode') ?? []) : [],
  );
}
