import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import {
  asking,
  entry,
  type Json,
  jsonPatch,
  mother,
  patient,
  placeOf,
  type ResponseEntry,
  relatedTo,
  replacing,
  statuses,
  system,
  transaction,
} from './bundles.ts';

onEachEngine((server) => {
  const { count, numbered, post, stored } = asking(server);

  describe('conditions in a transaction', () => {
    test('a conditional create is done once', async () => {
      const bundle = transaction(
        entry('POST', 'Patient', patient('once'), {
          fullUrl: mother,
          ifNoneExist: `identifier=${system}|once`,
        }),
        entry('POST', 'RelatedPerson', relatedTo(mother, { identifier: [{ system, value: 'once' }] }), {
          ifNoneExist: `RelatedPerson?identifier=${encodeURIComponent(`${system}|once`)}`,
        }),
      );
      const first = await post(bundle).expect(200);
      const second = await post(bundle).expect(200);
      expect([statuses(first.body), statuses(second.body)]).toEqual([
        ['201', '201'],
        ['200', '200'],
      ]);
      expect([0, 1].map((index) => placeOf(second.body, index))).toEqual(
        [0, 1].map((index) => placeOf(first.body, index)),
      );
      expect(second.body.entry[0].response.etag).toBe('W/"1"');
    });

    test('many clients that send the same bundle at one moment get the same resources', async () => {
      const bundle = transaction(
        entry('POST', 'Patient', patient('crowd'), {
          fullUrl: mother,
          ifNoneExist: `identifier=${system}|crowd`,
        }),
        entry('POST', 'RelatedPerson', relatedTo(mother, { identifier: [{ system, value: 'crowd' }] }), {
          ifNoneExist: `identifier=${system}|crowd`,
        }),
        entry('PUT', `Person?identifier=${system}|crowd`, {
          resourceType: 'Person',
          identifier: [{ system, value: 'crowd' }],
          link: [{ target: { reference: mother } }],
        }),
      );
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(bundle)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      for (const index of [0, 1, 2])
        expect(new Set(answers.map(({ body }) => placeOf(body, index))).size).toBe(1);
      expect(answers.map(({ body }) => statuses(body)[0]).sort()).toEqual([
        '200',
        '200',
        '200',
        '200',
        '200',
        '200',
        '200',
        '201',
      ]);
      for (const type of ['Patient', 'RelatedPerson', 'Person'])
        expect(await count(`/${type}?identifier=${system}|crowd`)).toBe(1);
    });

    test('a conditional create with several matches is refused with 412', async () => {
      await stored('several');
      await stored('several');
      const { body } = await post(
        transaction(
          entry('POST', 'Patient', patient('several'), { ifNoneExist: `identifier=${system}|several` }),
        ),
      ).expect(412);
      expect(body.issue[0]).toMatchObject({ code: 'multiple-matches', expression: ['Bundle.entry[0]'] });
    });

    test('a conditional update creates, updates, or is refused with 412', async () => {
      const put = (more: Json = {}) =>
        post(transaction(entry('PUT', `Patient?identifier=${system}|put`, patient('put', more))));
      const created = await put().expect(200);
      const updated = await put({ gender: 'male' }).expect(200);
      expect([...statuses(created.body), ...statuses(updated.body)]).toEqual(['201', '200']);
      expect(placeOf(updated.body, 0)).toBe(placeOf(created.body, 0));
      await put({ id: 'another' }).expect(400);
      await server.put('/Patient/put-of-other', patient('other', { id: 'put-of-other' })).expect(201);
      await post(
        transaction(
          entry('PUT', `Patient?identifier=${system}|put-2`, patient('put-2', { id: 'put-of-other' })),
        ),
      ).expect(409);
      await stored('put');
      await put().expect(412);
    });

    test('a conditional delete deletes the one match; several are refused with 412', async () => {
      const doomed = await stored('delete');
      const bundle = transaction(entry('DELETE', `Patient?identifier=${system}|delete`));
      expect(statuses((await post(bundle).expect(200)).body)).toEqual(['204']);
      await server.get(`/${doomed}`).expect(410);
      expect(statuses((await post(bundle).expect(200)).body)).toEqual(['204']);
      await stored('delete');
      await stored('delete');
      await post(bundle).expect(412);
    });

    test('a conditional patch changes the one match; none and several are refused', async () => {
      const bundle = transaction(
        entry(
          'PATCH',
          `Patient?identifier=${system}|patch`,
          jsonPatch({ op: 'replace', path: '/gender', value: 'male' }),
        ),
      );
      await post(bundle).expect(404);
      const place = await stored('patch');
      expect(statuses((await post(bundle).expect(200)).body)).toEqual(['200']);
      expect((await server.get(`/${place}`)).body.gender).toBe('male');
      await stored('patch');
      await post(bundle).expect(412);
    });

    test.each<[string, (place: string, ifMatch: string) => Json]>([
      [
        'update',
        (place, ifMatch) => entry('PUT', place, patient('matched', { id: place.split('/')[1] }), { ifMatch }),
      ],
      [
        'patch',
        (place, ifMatch) =>
          entry('PATCH', place, replacing('Patient.gender', { valueCode: 'male' }), { ifMatch }),
      ],
      ['delete', (place, ifMatch) => entry('DELETE', place, undefined, { ifMatch })],
    ])('ifMatch lets an %s pass with the current version only', async (_, changing) => {
      const place = await stored('matched');
      const before = await count('/RelatedPerson');
      const { body } = await post(
        transaction(entry('POST', 'RelatedPerson', relatedTo(place)), changing(place, 'W/"2"')),
      ).expect(412);
      expect(body.issue[0]).toMatchObject({ code: 'conflict', expression: ['Bundle.entry[1]'] });
      expect(await count('/RelatedPerson')).toBe(before);
      await post(transaction(changing(place, 'W/"1"'))).expect(200);
    });

    test('of clients that update the same version at one moment, one succeeds', async () => {
      const place = await stored('raced');
      const bundle = transaction(
        entry('PUT', place, patient('raced', { id: place.split('/')[1] }), { ifMatch: 'W/"1"' }),
        entry('POST', 'RelatedPerson', relatedTo(place)),
      );
      const answers = await Promise.all(Array.from({ length: 6 }, () => post(bundle)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
      expect(await count(`/RelatedPerson?patient=${place}`)).toBe(1);
      expect((await server.get(`/${place}`)).body.meta.versionId).toBe('2');
    });
  });

  describe('the order of a transaction', () => {
    test('is DELETE, POST, PUT and PATCH, GET, whatever the order of the entries', async () => {
      const [old, changed, patched] = [
        await stored('order-1'),
        await stored('order-2'),
        await stored('order-3'),
      ];
      const { body } = await post(
        transaction(
          entry('GET', `Patient?identifier=${system}|order-1`),
          entry('GET', changed),
          entry('GET', `${patched}/_history`),
          entry('GET', `${old}/_history/1`),
          entry('PATCH', patched, replacing('Patient.gender', { valueCode: 'other' })),
          entry('PUT', changed, patient('order-2', { id: changed.split('/')[1], gender: 'male' })),
          entry('POST', 'Patient', patient('order-1'), { ifNoneExist: `identifier=${system}|order-1` }),
          entry('DELETE', old),
        ),
      ).expect(200);
      expect(statuses(body)).toEqual(['200', '200', '200', '200', '200', '200', '201', '204']);
      // The patient is deleted first, so the conditional create finds none, and the search the new one only.
      expect(
        body.entry[0].resource.entry.map(({ resource }: ResponseEntry) => `Patient/${resource!.id}`),
      ).toEqual([placeOf(body, 6)]);
      expect(body.entry[1].resource).toMatchObject({ gender: 'male', meta: { versionId: '2' } });
      expect(body.entry[2].resource.entry).toHaveLength(2);
      expect(body.entry[3].resource.gender).toBe('female');
    });

    test('a conditional update does not find what the same transaction deletes', async () => {
      const old = await stored('replaced');
      const { body } = await post(
        transaction(
          entry('PUT', `Patient?identifier=${system}|replaced`, patient('replaced')),
          entry('DELETE', old),
        ),
      ).expect(200);
      expect(statuses(body)).toEqual(['201', '204']);
      await server.get(`/${old}`).expect(410);
      expect(await numbered('replaced')).toBe(1);
    });

    test.each<[string, (place: string) => Json[]]>([
      [
        'two updates',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
        ],
      ],
      [
        'an update and a delete',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('DELETE', place),
        ],
      ],
      [
        'an update and a patch',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('PATCH', place, replacing('Patient.gender', { valueCode: 'male' })),
        ],
      ],
      ['two deletes', (place) => [entry('DELETE', place), entry('DELETE', `${server.base}/${place}`)]],
      [
        'an update and a conditional update',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('PUT', `Patient?identifier=${system}|twin`, patient('twin')),
        ],
      ],
      [
        'an update and a conditional delete',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('DELETE', `Patient?identifier=${system}|twin`),
        ],
      ],
      [
        'an update and a conditional create of what is there',
        (place) => [
          entry('PUT', place, patient('twin', { id: place.split('/')[1] })),
          entry('POST', 'Patient', patient('twin'), { ifNoneExist: `identifier=${system}|twin` }),
        ],
      ],
      [
        'a create and a delete of one id that never was',
        () => [entry('PUT', 'Patient/new', patient('n', { id: 'new' })), entry('DELETE', 'Patient/new')],
      ],
      [
        'two conditional creates of the same',
        () =>
          [1, 2].map(() =>
            entry('POST', 'Patient', patient('both'), { ifNoneExist: `identifier=${system}|both` }),
          ),
      ],
      [
        'two conditional updates of the same',
        () => [1, 2].map(() => entry('PUT', `Patient?identifier=${system}|both`, patient('both'))),
      ],
      [
        'a conditional create and a create of what it asks for',
        () => [
          entry('POST', 'Patient', patient('both'), { ifNoneExist: `identifier=${system}|both` }),
          entry('POST', 'Patient', patient('both')),
        ],
      ],
      [
        'a conditional update and a create of what it asks for',
        () => [
          entry('PUT', `Patient?identifier=${system}|both`, patient('both')),
          entry('POST', 'Patient', patient('both')),
        ],
      ],
    ])('%s in one transaction are refused, and the outcome names both', async (_, entries) => {
      await server.delete(`/Patient?identifier=${system}|twin`);
      const place = await stored('twin');
      const { body } = await post(transaction(entry('GET', 'Patient?_count=1'), ...entries(place))).expect(
        400,
      );
      expect(body.issue).toHaveLength(1);
      expect(body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[[12]\]$/);
      expect(body.issue[0].details.text).toMatch(/1.*2|2.*1/);
      expect(await numbered('both')).toBe(0);
      await server.get(`/${place}`).expect('ETag', 'W/"1"');
    });
  });
});
