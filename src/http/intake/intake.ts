import { type Request as ExpressRequest, Router } from 'express';
import type { Router as FhirRouter } from '../../interactions/batch.ts';
import type { Server } from '../../interactions/server.ts';
import type { Form } from '../../referral/intake/fields.ts';
import type { Mapping } from '../../referral/intake/mapping.ts';
import type { Mappings } from '../../referral/intake/mappings.ts';
import { xlsxType } from '../../referral/intake/read/read.ts';
import { templateColumns, templateOf } from '../../referral/intake/template/template.ts';
import { csvFile } from '../../spreadsheet/csv.ts';
import { createDoor, type DoorOptions, type Serve } from './door.ts';
import { listReferrals } from './list-referrals.ts';
import { readParameters } from './parameters.ts';
import { takeReferrals, takeStepsOf } from './take-rows.ts';

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

  /** The reader of a form for who asks, under the map that is named. */
  const readerFor = (form: Form, present: Server, message: ExpressRequest) => {
    const named = readParameters(message, ['mapping']).get('mapping');
    return mappings.reader(present, form, { organization: present.actor?.organization, named });
  };
  const schema =
    (form: Form): Serve =>
    async (present, message, response) => {
      const reader = await readerFor(form, present, message);
      response.type('application/schema+json').send(JSON.stringify(reader.schema, null, 2));
    };
  const open = { isOpen: true };
  router.get('/intake/referrals/schema', door(schema('referral'), open));
  router.get('/intake/steps/schema', door(schema('step'), open));
  const template =
    (name: string, type: string, write: (mapping: Mapping) => Buffer | string): Serve =>
    async (present, message, response) => {
      const { mapping } = await readerFor('referral', present, message);
      response.attachment(name).type(type).send(write(mapping));
    };
  const workbook = template('template.xlsx', xlsxType, (mapping) => Buffer.from(templateOf(mapping)));
  const table = template('template.csv', 'text/csv; charset=utf-8', (mapping) =>
    csvFile([templateColumns(mapping)]),
  );
  router.get('/intake/referrals/template.xlsx', door(workbook, open));
  router.get('/intake/referrals/template.csv', door(table, open));
  return router;
}
