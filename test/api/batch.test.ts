import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import {
  asking,
  batch,
  entry,
  jsonPatch,
  mother,
  patient,
  placeOf,
  relatedTo,
  replacing,
  statuses,
  system,
  transaction,
} from './bundles.ts';

onEachEngine(
  (server) => {
    const { numbered, post, stored } = asking(server);

    describe('a batch', () => {
      test('runs what can be run, and says of the rest what is wrong', async () => {
        const known = await stored('batch');
        const { body } = await post(
          batch(
            entry('POST', 'Patient', patient('batch-1')),
            entry('POST', 'Patient', patient(undefined, { gender: 'f' })),
            entry('GET', known),
            entry('GET', 'Patient/nobody'),
            entry('GET', `Patient?identifier=${system}|batch`),
            entry('GET', 'metadata'),
            entry('POST', 'Patient/$validate', patient()),
            entry('PUT', 'Patient/batch-2', patient(undefined, { id: 'batch-2' })),
            entry('DELETE', `Patient?identifier=${system}|never`),
            entry('PATCH', known, replacing('Patient.gender', { valueCode: 'male' }), { ifMatch: 'W/"9"' }),
            entry('PATCH', known, jsonPatch({ op: 'replace', path: '/gender', value: 'other' })),
            { resource: patient() },
            null,
            'Patient',
            entry('BREW', 'Patient'),
            entry('POST', '/', transaction(entry('POST', 'Patient', patient('nested')))),
            entry('HEAD', known),
          ),
        ).expect(200);
        expect(body.type).toBe('batch-response');
        expect(statuses(body).filter((_, index) => index !== 6)).toEqual([
          '201',
          '400',
          '200',
          '404',
          '200',
          '200',
          '201',
          '204',
          '412',
          '200',
          '400',
          '400',
          '400',
          '400',
          '501',
          '200',
        ]);
        for (const { response } of body.entry)
          if (response.status >= '400') expect(response.outcome.issue[0].severity).toMatch(/error|fatal/);
        expect(body.entry[4].resource.total).toBe(1);
        expect(body.entry[5].resource.resourceType).toBe('CapabilityStatement');
        expect(await numbered('batch-1')).toBe(1);
        expect(await numbered('nested')).toBe(0);
        expect((await server.get(`/${known}`)).body.gender).toBe('other');
      });

      test('without entries is answered without entries', async () => {
        const { body } = await post({ resourceType: 'Bundle', type: 'batch', entry: [] });
        expect(body.resourceType).toMatch(/Bundle|OperationOutcome/);
      });

      test('refuses the entry that refers to one which it creates, for that needs a transaction', async () => {
        const { body } = await post(
          batch(
            entry('POST', 'RelatedPerson', relatedTo(mother)),
            entry('POST', 'Patient', patient('batch-mother'), { fullUrl: mother }),
          ),
        ).expect(200);
        expect(statuses(body)).toEqual(['400', '201']);
        expect(await numbered('batch-mother')).toBe(1);
      });

      test('keeps If-None-Exist and If-None-Match in each entry', async () => {
        const known = await stored('batch-known');
        const { body } = await post(
          batch(
            entry('POST', 'Patient', patient('batch-known'), {
              ifNoneExist: `identifier=${system}|batch-known`,
            }),
            entry('GET', known, undefined, { ifNoneMatch: 'W/"1"' }),
          ),
        ).expect(200);
        expect(statuses(body)).toEqual(['200', '304']);
        expect(placeOf(body, 0)).toBe(known);
        expect(body.entry[1].resource).toBeUndefined();
      });

      test('whose answer is long arrives whole, entry by entry', async () => {
        const family = '欧阳'.repeat(100_000);
        const known = placeOf(
          (
            await post(batch(entry('POST', 'Patient', patient(undefined, { name: [{ family }] })))).expect(
              200,
            )
          ).body,
          0,
        );
        const asked = [known, 'Patient/nobody', known, known, known, known, known];
        const { body } = await post(batch(...asked.map((place) => entry('GET', place)))).expect(200);
        expect(statuses(body)).toEqual(['200', '404', '200', '200', '200', '200', '200']);
        const names = body.entry.map(
          (each: { resource?: { name: { family: string }[] } }) => each.resource?.name[0]?.family,
        );
        expect(names).toEqual(asked.map((place) => (place === known ? family : undefined)));
        const inTransaction = await post(
          transaction(...Array.from({ length: 7 }, () => entry('GET', known))),
        ).expect(200);
        expect(inTransaction.body.entry).toHaveLength(7);
        expect(inTransaction.body.entry[6].resource.name[0].family).toBe(family);
      });

      test('is refused with 413 when it has too many entries', async () => {
        await post(batch(...Array.from({ length: 21 }, () => entry('GET', 'Patient?_count=1')))).expect(413);
      });
    });
  },
  { MAX_BUNDLE_ENTRIES: '20' },
);
