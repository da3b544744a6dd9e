import { readFileSync } from 'node:fs';

type Weights = Readonly<Record<string, number>>;
export type Tier = 'village' | 'township' | 'county' | 'municipal';

/** What a county year goes by: `examples/county-year/plan.json`. */
export interface Plan {
  directions: Readonly<Record<'up' | 'down', number>>;
  /** First and last year of age, and how many of a hundred patients are of it. */
  ages: readonly (readonly [number, number, number])[];
  surnames: string;
  givenNames: Readonly<Record<'male' | 'female', readonly string[]>>;
  /** How busy each month, weekday (from Sunday) and hour is. */
  months: readonly number[];
  weekdays: readonly number[];
  hours: readonly number[];
  /** First and last day, as `05-01` of any year or `2025-01-28`, and how busy it is then. */
  holidays: readonly (readonly [string, string, number])[];
  priorities: Weights;
  outcomes: Weights;
  /** How many go a longer way: are asked for information, get an appointment, wait for the patient, tell of departure. */
  detours: Readonly<Record<'information' | 'appointment' | 'hold' | 'returned', number>> & {
    departure: Weights;
  };
  /** The share of steps that come late, and of feedback that does. */
  lateShare: number;
  lateFeedbackShare: number;
  routes: readonly { direction: 'up' | 'down'; from: Tier; weight: number }[];
  diseases: readonly Disease[];
}

export interface Disease {
  /** In the clinical edition of ICD-10. */
  code: string;
  name: string;
  ages: readonly [number, number];
  sex?: 'male' | 'female';
  weight: number;
  /** How much more frequent it is in winter than in the year. */
  winter: number;
  directions: readonly ('up' | 'down')[];
  from: readonly Tier[];
  /** Why it is referred, in words. */
  reason: string;
  /** The specialty that the county hospital treats it in. */
  specialty?: string;
}

const folder = new URL('../../examples/', import.meta.url);

export function readPlan(): Plan {
  return JSON.parse(readFileSync(new URL('county-year/plan.json', folder), 'utf8')) as Plan;
}

/** A transaction of the examples, e.g. `community`. */
export function readBundle(name: string): { entry: { resource: object; request: object }[] } {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}
