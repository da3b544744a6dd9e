import type { Definitions } from '../fhir/definitions/definitions.ts';
import type { Job } from '../jobs/job.ts';
import { weeklyClose } from './registers/weekly/job.ts';
import { noShow } from './workflow/no-show.ts';

/** What happens by itself in the life of referrals. */
export function referralJobs(definitions: Definitions): readonly Job[] {
  return [noShow(definitions), weeklyClose()];
}
