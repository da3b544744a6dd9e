import { elements, string } from '../../fhir/elements.ts';
import { readJson } from '../../fhir/json/parse.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import { type Element, isElement, type Resource } from '../../fhir/resource.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import type { Reader } from '../../store/store.ts';
import type { References } from '../reference.ts';
import type { Given } from '../workflow/given-parameters.ts';
import { slotOver } from './refusals.ts';

/** An appointment is made of a few slots that follow each other. */
const mostSlots = 20;

/** When and where an appointment takes place, as its slots say. */
export interface Place {
  /** The members of the Appointment that follow from its slots. */
  members: Record<string, unknown>;
  /** The departments, people and rooms whose slots these are (`Schedule.actor`). */
  actors: Element[];
}

/** What an appointment says of its kind as the first of its slots does. */
const kind = ['serviceCategory', 'serviceType', 'specialty', 'appointmentType'] as const;

/**
 * The place of an appointment in the slots that the parameter `slot` names. Refuses with 400 when there are none, or
 * too many; with 404 and 410 a slot that is not there, or no more; with 409 one whose time has come.
 */
export async function placeIn(
  reader: Reader,
  given: readonly Given[],
  { references, now }: { references: References; now: number },
): Promise<Place> {
  const named = given.filter(({ name, value }) => name === 'slot' && isElement(value));
  if (named.length === 0) throw refuse(refusals.missingStepParameter, ['slot']);
  if (named.length > mostSlots)
    throw refuse(refusals.invalidParameter, [
      'slot',
      { zh: `不能超过 ${mostSlots} 个`, en: `no more than ${mostSlots}` },
    ]);
  const slots: Resource[] = [];
  for (const { value } of named)
    slots.push(await referred(reader, references, { slot: value }, 'slot', 'Slot'));
  slots.sort((a, b) => Date.parse(String(a.start)) - Date.parse(String(b.start)));
  const [first] = slots as [Resource, ...Resource[]];
  const over = slots.find(({ start }) => Date.parse(String(start)) <= now);
  if (over) throw new Refusal(409, [slotOver(`Slot/${over.id}`)]);
  const ends = slots.map(({ end }) => String(end)).sort((a, b) => Date.parse(a) - Date.parse(b));
  return {
    members: {
      ...Object.fromEntries(kind.flatMap((name) => (first[name] === undefined ? [] : [[name, first[name]]]))),
      start: first.start,
      end: ends.at(-1),
      slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
    },
    actors: await actorsOf(reader, slots, references),
  };
}

/** Who or what the slots are of, each once. */
export async function actorsOf(
  reader: Reader,
  slots: readonly Resource[],
  references: References,
): Promise<Element[]> {
  const actors = new Map<string, Element>();
  for (const path of new Set(
    slots.flatMap((slot) => references.target(slot, 'schedule', 'Schedule')?.id ?? []),
  )) {
    const stored = await reader.read('Schedule', path);
    if (!stored?.text) continue;
    const schedule = readJson(stored.text) as Resource;
    for (const actor of elements(schedule, 'actor')) actors.set(string(actor, 'reference') ?? '', actor);
  }
  return [...actors.values()];
}

/** The resource of a type that a member refers to. Refuses with 400 what is no reference to one of this server. */
export async function referred(
  reader: Reader,
  references: References,
  parent: Element,
  member: string,
  type: string,
): Promise<Resource> {
  const target = references.target(parent, member, type);
  if (!target)
    throw refuse(refusals.invalidParameter, [
      member,
      { zh: `须为 ${type}/[id] 形式的引用`, en: `it must be a reference of the form ${type}/[id]` },
    ]);
  const { text } = await presentVersion(reader, type, target.id);
  return readJson(text) as Resource;
}
