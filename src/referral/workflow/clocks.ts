import { elements, string } from '../../fhir/elements.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { afterOpenTime, type OpeningHours, openTimeBetween } from './opening-hours.ts';

/** The clocks that run between two steps: actions of PlanDefinition/referral-clocks, by id. */
export const clocks = [
  'acknowledgement',
  'answer',
  'information',
  'appointment',
  'arrival',
  'treatment',
  'feedback',
  'decision',
  'grace',
  'take-back',
  'follow-up',
  'papers',
] as const;
export type Clock = (typeof clocks)[number];

/** How long a clock runs. */
export interface Allowance {
  milliseconds: number;
  /** Whether only opening hours count: for what is routine and given in hours or minutes. */
  openTimeOnly: boolean;
}

/** How long each clock runs for a referral of a priority. */
export type Clocks = (clock: Clock, priority: string) => Allowance;

const units: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads the times of PlanDefinition/referral-clocks: one action a clock, in it one action a priority, with its
 * `timingDuration` in `min`, `h` or `d`. A priority without a time of its own has that of `routine`; a clock that the plan
 * does not have runs as `otherwise` says.
 */
export function readClocks(plan: Resource, otherwise?: Clocks): Clocks {
  const table = new Map<string, Allowance>();
  for (const clock of elements(plan, 'action')) {
    for (const each of elements(clock, 'action')) {
      const priority = string(each, 'priority') ?? 'routine';
      table.set(
        `${string(clock, 'id')} ${priority}`,
        allowanceOf(elements(each, 'timingDuration')[0], priority),
      );
    }
  }
  return (clock, priority) =>
    table.get(`${clock} ${priority}`) ??
    table.get(`${clock} routine`) ??
    otherwise?.(clock, priority) ?? { milliseconds: units.d!, openTimeOnly: false };
}

/** The longest that a step may take: beyond it a slip of the keyboard is likelier. */
const longest = 366 * units.d!;
const priorities = ['routine', 'urgent', 'asap', 'stat'];

/** What is wrong with a plan of clocks: the place, e.g. `PlanDefinition.action[2].action[0].timingDuration`, and why. */
export function clockProblems(plan: Resource): { place: string; text: Text }[] {
  return elements(plan, 'action').flatMap((clock, index) => {
    const place = `PlanDefinition.action[${index}]`;
    if (!clocks.some((name) => name === clock.id))
      return [{ place: `${place}.id`, text: mustBeOneOf(string(clock, 'id'), clocks) }];
    return elements(clock, 'action').flatMap((each, at) => {
      const inner = `${place}.action[${at}]`;
      const priority = string(each, 'priority') ?? 'routine';
      const { milliseconds } = allowanceOf(elements(each, 'timingDuration')[0], priority);
      return [
        ...(priorities.includes(priority)
          ? []
          : [{ place: `${inner}.priority`, text: mustBeOneOf(priority, priorities) }]),
        ...(isDuration(each) && milliseconds > 0 && milliseconds <= longest
          ? []
          : [{ place: `${inner}.timingDuration`, text: noTime }]),
      ];
    });
  });
}

function isDuration(each: Element): boolean {
  const [duration] = elements(each, 'timingDuration');
  return (
    duration !== undefined && string(duration, 'code') !== undefined && string(duration, 'code')! in units
  );
}

const noTime: Text = {
  zh: '须有 timingDuration:大于 0、不超过一年,单位 min、h 或 d',
  en: 'needs a timingDuration above 0 and of a year at most, in min, h or d',
};

function mustBeOneOf(found: string | undefined, names: readonly string[]): Text {
  return {
    zh: `「${found ?? ''}」不在可用值之中:${names.join('、')}`,
    en: `"${found ?? ''}" is none of ${names.join(', ')}`,
  };
}

function allowanceOf(duration: Element | undefined, priority: string): Allowance {
  const code = string(duration, 'code') ?? 'h';
  const value = typeof duration?.value === 'number' ? duration.value : Number(duration?.value ?? 24);
  return {
    milliseconds: value * (units[code] ?? units.h!),
    openTimeOnly: priority === 'routine' && code !== 'd',
  };
}

/** When a clock that starts now has run down. */
export function dueAfter(allowance: Allowance, now: number, hours: OpeningHours): number {
  return allowance.openTimeOnly
    ? afterOpenTime(hours, now, allowance.milliseconds)
    : now + allowance.milliseconds;
}

/** How much a running clock has left, in milliseconds of the time that it counts. */
export function remainingUntil(due: number, now: number, hours: OpeningHours, openTimeOnly: boolean): number {
  return openTimeOnly ? openTimeBetween(hours, now, due) : Math.max(0, due - now);
}
