import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import {
  asking,
  child,
  entry,
  mother,
  patient,
  placeOf,
  relatedTo,
  replacing,
  statuses,
  system,
  transaction,
} from './bundles.ts';

onEachEngine((server) => {
  const { count, numbered, post, stored } = asking(server);

  describe('references within a transaction', () => {
    test('to a fullUrl become those to the resources that were created, wherever they stand', async () => {
      const { body } = await post(
        transaction(
          entry(
            'POST',
            'RelatedPerson',
            relatedTo(mother, {
              text: {
                status: 'generated',
                div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${mother}">mother</a> <a href='${mother}'>again</a> <img src="${child}" alt=""/> ${mother}</div>`,
              },
              identifier: [{ system: 'urn:ietf:rfc:3986', value: mother }],
              photo: [{ url: child }],
              extension: [
                { url: 'http://example.org/uri', valueUri: mother },
                { url: 'http://example.org/uuid', valueUuid: mother },
                { url: 'http://example.org/text', valueString: mother },
                { url: 'http://example.org/reference', valueReference: { reference: `${mother}#part` } },
              ],
              contained: [
                {
                  resourceType: 'Group',
                  id: 'g',
                  type: 'person',
                  actual: true,
                  member: [{ entity: { reference: child } }],
                },
              ],
              relationship: [
                { extension: [{ url: 'http://example.org/group', valueReference: { reference: '#g' } }] },
              ],
            }),
            { fullUrl: 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0003' },
          ),
          entry('POST', 'Patient', patient(undefined, { id: 'ignored' }), { fullUrl: mother }),
          entry('POST', 'Patient', patient(), { fullUrl: child }),
        ),
      ).expect(200);
      const [person, one, two] = [0, 1, 2].map((index) => placeOf(body, index));
      expect(one).not.toBe('Patient/ignored');
      const read = (await server.get(`/${person}`).expect(200)).body;
      expect(read).toMatchObject({
        patient: { reference: one },
        identifier: [{ system: 'urn:ietf:rfc:3986', value: mother }],
        photo: [{ url: two }],
        extension: [
          { valueUri: one },
          { valueUuid: one },
          { valueString: mother },
          { valueReference: { reference: `${one}#part` } },
        ],
        contained: [{ member: [{ entity: { reference: two } }] }],
        relationship: [{ extension: [{ valueReference: { reference: '#g' } }] }],
      });
      expect(read.text.div).toContain(
        `<a href="${one}">mother</a> <a href='${one}'>again</a> <img src="${two}" alt=""/> ${mother}</div>`,
      );
      expect(await count(`/RelatedPerson?patient=${one}`)).toBe(1);
    });

    test('in elements that list URIs are replaced, too', async () => {
      const { body } = await post(
        transaction(
          entry('POST', 'ServiceRequest', {
            resourceType: 'ServiceRequest',
            status: 'active',
            intent: 'order',
            subject: { reference: mother },
            instantiatesUri: ['https://example.org/protocol', mother],
          }),
          entry('POST', 'Patient', patient(), { fullUrl: mother }),
        ),
      ).expect(200);
      const read = await server.get(`/${placeOf(body, 0)}`).expect(200);
      expect(read.body.instantiatesUri).toEqual(['https://example.org/protocol', placeOf(body, 1)]);
    });

    test('may go round in a circle', async () => {
      const { body } = await post(
        transaction(
          entry(
            'POST',
            'Patient',
            patient(undefined, { link: [{ other: { reference: child }, type: 'seealso' }] }),
            { fullUrl: mother },
          ),
          entry(
            'POST',
            'Patient',
            patient(undefined, { link: [{ other: { reference: mother }, type: 'seealso' }] }),
            { fullUrl: child },
          ),
        ),
      ).expect(200);
      const [one, two] = [placeOf(body, 0), placeOf(body, 1)];
      expect((await server.get(`/${one}`)).body.link[0].other.reference).toBe(two);
      expect((await server.get(`/${two}`)).body.link[0].other.reference).toBe(one);
    });

    test('by an absolute URL, or relative to it, lead to the entry that has it as its fullUrl', async () => {
      const elsewhere = 'https://his.example.org/fhir';
      const { body } = await post(
        transaction(
          entry('POST', 'RelatedPerson', relatedTo(`${elsewhere}/Patient/7`, { id: '8' }), {
            fullUrl: `${elsewhere}/RelatedPerson/8`,
          }),
          entry('POST', 'RelatedPerson', relatedTo('Patient/7', { id: '9' }), {
            fullUrl: `${elsewhere}/RelatedPerson/9`,
          }),
          entry('POST', 'RelatedPerson', relatedTo('Patient/7')),
          entry('POST', 'Patient', patient(undefined, { id: '7' }), { fullUrl: `${elsewhere}/Patient/7` }),
        ),
      ).expect(200);
      const references = await Promise.all(
        [0, 1, 2].map(async (index) => (await server.get(`/${placeOf(body, index)}`)).body.patient.reference),
      );
      // The last one has no fullUrl that it could be relative to: it means a resource of this server.
      expect(references).toEqual([placeOf(body, 3), placeOf(body, 3), 'Patient/7']);
    });

    test('lead to what a conditional create, a conditional update or a patch is about', async () => {
      const known = await stored('linked-1');
      const other = await stored('linked-2');
      const { body } = await post(
        transaction(
          entry('POST', 'RelatedPerson', relatedTo(mother)),
          entry('POST', 'RelatedPerson', relatedTo(child)),
          entry('POST', 'Patient', patient('linked-1'), {
            fullUrl: mother,
            ifNoneExist: `identifier=${system}|linked-1`,
          }),
          entry('PUT', `Patient?identifier=${system}|linked-2`, patient('linked-2'), { fullUrl: child }),
        ),
      ).expect(200);
      expect(statuses(body)).toEqual(['201', '201', '200', '200']);
      expect((await server.get(`/${placeOf(body, 0)}`)).body.patient.reference).toBe(known);
      expect((await server.get(`/${placeOf(body, 1)}`)).body.patient.reference).toBe(other);
    });

    test('in a patch are replaced, too', async () => {
      const old = await stored();
      const { body: person } = await server.post('/RelatedPerson', relatedTo(old)).expect(201);
      const { body } = await post(
        transaction(
          entry(
            'PATCH',
            `RelatedPerson/${person.id}`,
            replacing('RelatedPerson.patient', { valueReference: { reference: mother } }),
          ),
          entry('POST', 'Patient', patient(), { fullUrl: mother }),
        ),
      ).expect(200);
      expect((await server.get(`/RelatedPerson/${person.id}`)).body.patient.reference).toBe(placeOf(body, 1));
    });

    test('can be conditions: on what is stored, or comes with the same bundle', async () => {
      const known = await stored('condition-1');
      const { body } = await post(
        transaction(
          entry('POST', 'RelatedPerson', relatedTo(`Patient?identifier=${system}|condition-1`)),
          entry(
            'POST',
            'RelatedPerson',
            relatedTo(`Patient?identifier=${encodeURIComponent(`${system}|condition-2`)}`),
          ),
          entry('POST', 'Patient', patient('condition-2')),
        ),
      ).expect(200);
      expect((await server.get(`/${placeOf(body, 0)}`)).body.patient.reference).toBe(known);
      expect((await server.get(`/${placeOf(body, 1)}`)).body.patient.reference).toBe(placeOf(body, 2));
    });

    test('that are conditions see what the transaction makes of the store', async () => {
      const [leaving, changing] = [await stored('condition-3'), await stored('condition-old')];
      const { body } = await post(
        transaction(
          entry('POST', 'RelatedPerson', relatedTo(`Patient?identifier=${system}|condition-3`)),
          entry('DELETE', leaving),
          entry('PUT', changing, patient('condition-3', { id: changing.split('/')[1] })),
        ),
      ).expect(200);
      expect((await server.get(`/${placeOf(body, 0)}`)).body.patient.reference).toBe(changing);
    });

    test.each([
      ['a condition matches nothing', 'Patient?identifier=nobody'],
      ['no entry has the fullUrl', 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0009'],
      ['a condition matches several', `Patient?identifier=${system}|twins`],
      ['a condition is of no type', 'Patients?identifier=1'],
      ['a condition has an unknown parameter', 'Patient?shoe=42'],
    ])('are refused when %s', async (_, reference) => {
      await stored('twins');
      await stored('twins');
      const before = await count('/RelatedPerson');
      const { body } = await post(
        transaction(
          entry('POST', 'Patient', patient('unreferenced')),
          entry('POST', 'RelatedPerson', relatedTo(reference)),
        ),
      );
      expect(body.resourceType).toBe('OperationOutcome');
      expect(body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[1\]/);
      expect(await numbered('unreferenced')).toBe(0);
      expect(await count('/RelatedPerson')).toBe(before);
    });

    test('are conditions in references only: a URL with a query stays as it is', async () => {
      const photo = [{ url: `Patient?identifier=${system}|nobody` }];
      const { body } = await post(
        transaction(entry('POST', 'Patient', patient(undefined, { photo }))),
      ).expect(200);
      expect((await server.get(`/${placeOf(body, 0)}`)).body.photo).toEqual(photo);
    });
  });
});
