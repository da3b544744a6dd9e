import { Router } from 'express';
import type { Router as FhirRouter } from '../../interactions/batch.ts';
import type { Mappings } from '../../referral/intake/mappings.ts';
import { createDoor, type DoorOptions } from './door.ts';
import { listReferrals } from './list-referrals.ts';
import { readParameters } from './parameters.ts';
import { takeReferrals, takeStepsOf } from './take-referrals.ts';

/** What the addresses of the flat form work with. */
export interface IntakeOptions extends DoorOptions {
  router: FhirRouter;
  mappings: Mappings;
}

/** The addresses of the flat form: `/intake/…`, for systems that know no FHIR. */
export function createIntake(options: IntakeOptions): Router {
  const router = Router();
  const door = createDoor(options);
  const { mappings } = options;
  router.post('/intake/referrals', door(takeReferrals(options)));
  router.get('/intake/referrals', door(listReferrals(options)));
  router.post('/intake/steps', door(takeStepsOf(options)));
  for (const [path, form] of [
    ['referrals', 'referral'],
    ['steps', 'step'],
  ] as const)
    router.get(
      `/intake/${path}/schema`,
      door(async (present, message, response) => {
        const named = readParameters(message, ['mapping']).get('mapping');
        const choice = { organization: present.actor?.organization, named };
        const { schema } = await mappings.reader(present, form, choice);
        response.type('application/schema+json').send(JSON.stringify(schema, null, 2));
      }),
    );
  return router;
}
