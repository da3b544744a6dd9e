import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Actor } from '../../interactions/actor.ts';
import type { Change, Finding } from '../../interactions/guard.ts';
import type { Records } from '../context/records.ts';
import { isSame, pathOf, type References, type Target } from '../reference.ts';
import { extensions } from '../vocabulary.ts';
import { heldSlots, holdersOf } from './holding.ts';
import { slotHeld, slotReserved, slotTaken } from './refusals.ts';

/** More appointments than one hold a slot only where they were stored before this server held them apart. */
const mostHolders = 20;

/** What a submission means for the slots. */
export interface SlotVerdict {
  findings: Finding[];
  /** The least status among the refusals. */
  status: number;
  completed: { change: number; resource: Resource }[];
  keep: Resource[];
}

/** An appointment before and after a submission. */
interface Move {
  id: string;
  /** Index into the changes; none when the server itself ends the appointment. */
  change: number | undefined;
  before: Target[];
  after: Target[];
}

/** What a slot is judged by. */
interface Circumstances {
  changes: readonly Change[];
  moves: readonly Move[];
  records: Records;
  actor: Actor | undefined;
}

/**
 * Holds slots and appointments together: a slot is `busy` as long as an appointment holds it, and no two hold it. Who
 * takes a slot must find it free, who leaves it frees it, and the slot is written in the same transaction, so that of
 * two who take it at one moment one is refused. `ended` are appointments that the server ends with this submission.
 */
export async function judgeSlots(
  changes: readonly Change[],
  ended: readonly Resource[],
  from: { records: Records; references: References; actor: Actor | undefined },
): Promise<SlotVerdict> {
  const { records, references, actor } = from;
  const moves = [
    ...changes.flatMap(({ type, id, resource, previous }, change): Move[] =>
      type === 'Appointment'
        ? [{ id, change, before: heldSlots(previous, references), after: heldSlots(resource, references) }]
        : [],
    ),
    ...(await endedMoves(ended, records, references)),
  ];
  const verdict: SlotVerdict = { findings: [], status: 409, completed: [], keep: [] };
  for (const slot of touchedSlots(changes, moves))
    await judgeSlot(slot, { changes, moves, records, actor }, verdict);
  return verdict;
}

/** What the appointments that the server ends held until now, and hold still. */
async function endedMoves(
  ended: readonly Resource[],
  records: Records,
  references: References,
): Promise<Move[]> {
  const moves: Move[] = [];
  for (const appointment of ended) {
    const before = await records.find({ type: 'Appointment', id: appointment.id! });
    moves.push({
      id: appointment.id!,
      change: undefined,
      before: heldSlots(before ?? null, references),
      after: heldSlots(appointment, references),
    });
  }
  return moves;
}

/** The slots that are themselves written, taken or left, each once. */
function touchedSlots(changes: readonly Change[], moves: readonly Move[]): Target[] {
  const touched = new Map<string, Target>();
  for (const { type, id } of changes) if (type === 'Slot') touched.set(`Slot/${id}`, { type, id });
  for (const { before, after } of moves) {
    for (const slot of [...before, ...after])
      if (has(before, slot) !== has(after, slot)) touched.set(pathOf(slot), slot);
  }
  return [...touched.values()];
}

async function judgeSlot(
  slot: Target,
  { changes, moves, records, actor }: Circumstances,
  verdict: SlotVerdict,
): Promise<void> {
  const index = changes.findIndex((change) => isSame(change, slot));
  const own = changes[index];
  const slotBefore = own ? own.previous : ((await records.find(slot)) ?? null);
  const refuse = (change: number, status: number, issue: Omit<Finding, 'change'>) => {
    verdict.findings.push({ ...issue, change });
    verdict.status = Math.min(verdict.status, status);
  };

  const held = await records.stored('Appointment', holdersOf(slot), mostHolders);
  const others = held.filter(({ id }) => !moves.some((move) => move.id === id));
  const keepers = moves.filter(({ before, after }) => has(before, slot) && has(after, slot));
  const leavers = moves.filter(({ before, after }) => has(before, slot) && !has(after, slot));
  const takers = moves.filter(({ before, after }) => !has(before, slot) && has(after, slot));
  const isHeldStill = others.length + keepers.length > 0;

  const isFree = !isHeldStill && (leavers.length > 0 || !slotBefore || slotBefore.status === 'free');
  for (const [place, { change }] of takers.entries()) {
    const reserved = reservedFor(own?.resource ?? slotBefore);
    if (!isFree || place > 0)
      refuse(change!, 409, slotTaken(pathOf(slot), string(slotBefore, 'status') ?? 'busy'));
    else if (reserved.length > 0 && !reserved.some((code) => actor?.roles.includes(code)))
      refuse(change!, 403, slotReserved(pathOf(slot), reserved));
  }

  const isHeld = isHeldStill || takers.length > 0;
  if (own) {
    const { resource } = own;
    const isTakenAway = isHeldStill && slotBefore && resource && isOtherTime(slotBefore, resource);
    if (isHeld && (!resource || isTakenAway)) refuse(index, 409, slotHeld);
    else if (isHeld && resource && resource.status !== 'busy') {
      if (isHeldStill && slotBefore) refuse(index, 409, slotHeld);
      else verdict.completed.push({ change: index, resource: { ...resource, status: 'busy' } });
    }
  } else if (slotBefore) {
    const isFreed = leavers.length > 0 && !isHeld && slotBefore.status === 'busy';
    const status = isHeld ? 'busy' : isFreed ? 'free' : slotBefore.status;
    if (status !== slotBefore.status) verdict.keep.push({ ...slotBefore, status });
  }
}

/** The functions of people that a slot is kept for; empty when it is for all. */
export function reservedFor(slot: Resource | null): string[] {
  return elements(slot, 'extension').flatMap((each) =>
    each.url === extensions.reservedFor ? (string(each, 'valueCode') ?? []) : [],
  );
}

/** Whether a slot is rewritten into one of another time or department. */
function isOtherTime(before: Resource, after: Resource): boolean {
  const said = ({ start, end, schedule }: Resource) =>
    JSON.stringify([start, end, (schedule as { reference?: unknown } | undefined)?.reference]);
  return said(before) !== said(after);
}

function has(slots: readonly Target[], slot: Target): boolean {
  return slots.some((each) => isSame(each, slot));
}
