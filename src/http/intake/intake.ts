import { Router } from 'express';
import type { Router as FhirRouter } from '../../interactions/batch.ts';
import type { Mappings } from '../../referral/intake/mappings.ts';
import { createDoor, type DoorOptions } from './door.ts';
import { listReferrals } from './list-referrals.ts';
import { takeReferrals } from './take-referrals.ts';

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
  router.get(
    '/intake/referrals/schema',
    door(async (present, _, response) => {
      const choice = { organization: present.actor?.organization, named: undefined };
      const { schema } = await mappings.reader(present, 'referral', choice);
      response.type('application/schema+json').send(JSON.stringify(schema, null, 2));
    }),
  );
  return router;
}
