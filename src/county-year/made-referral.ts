import type { Institution } from './institutions.ts';
import type { Life } from './life.ts';
import type { Person } from './people.ts';
import type { Disease } from './plan.ts';
import type { Random } from './random.ts';

/** A referral that is made up, with what has become of it. */
export interface MadeReferral {
  number: number;
  seed: number;
  written: number;
  direction: 'up' | 'down';
  priority: string;
  disease: Disease;
  person: Person;
  sender: Institution;
  receiver: Institution;
  inpatient: boolean;
  life: Life;
  /** Where the receiver has sent it on to, and what became of it there. */
  onward?: { receiver: Institution; life: Life } | undefined;
  /** The referral down by which the patient has returned. */
  back?: MadeReferral;
  random: Random;
}
