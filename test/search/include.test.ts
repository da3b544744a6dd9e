import { beforeAll, describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { a, to } from './resources.ts';
import { put, type Searchset } from './store-all.ts';

/** http://hl7.org/fhir/R4/search.html#include */
const given = [
  a('Patient', 'p1', {
    generalPractitioner: [to('Practitioner/gp')],
    managingOrganization: to('Organization/o1'),
  }),
  a('Patient', 'p2'),
  a('Group', 'g1'),
  a('Practitioner', 'gp'),
  a('Practitioner', 'prescriber'),
  a('Organization', 'o1', { partOf: to('Organization/o2') }),
  a('Organization', 'o2', { partOf: to('Organization/o3') }),
  a('Organization', 'o3'),
  a('MedicationRequest', 'rx1', {
    subject: to('Patient/p1'),
    requester: to('Practitioner/prescriber'),
    medicationReference: to('Medication/not-there'),
  }),
  a('MedicationRequest', 'rx2', {
    subject: to('{base}/Patient/p2'),
    requester: to('http://elsewhere.org/fhir/Practitioner/x'),
    basedOn: [to('MedicationRequest/rx1')],
    medicationCodeableConcept: { text: 'drug' },
  }),
  a('MedicationRequest', 'rx3', { subject: to('Group/g1'), medicationCodeableConcept: { text: 'drug' } }),
  {
    ...a('MedicationDispense', 'd1'),
    status: 'completed',
    medicationCodeableConcept: { text: 'x' },
    authorizingPrescription: [to('MedicationRequest/rx1')],
  },
  a('Provenance', 'prov1', {
    target: [to('MedicationRequest/rx1')],
    agent: [{ who: to('Practitioner/gp') }],
  }),
  a('Provenance', 'prov2', { target: [to('Provenance/prov1')] }),
  a('Observation', 'chain1', { hasMember: [to('Observation/chain2')], category: [{ text: 'chain' }] }),
  a('Observation', 'chain2', { hasMember: [to('Observation/chain3')] }),
  a('Observation', 'chain3', { hasMember: [to('Observation/chain1')] }),
];

const addresses = ({ entry = [] }: Searchset, mode: string) =>
  entry
    .filter(({ search }) => search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
    .sort();

onEachEngine((server) => {
  beforeAll(() => put(server, given));

  test.each([
    ['_include of a parameter', 'MedicationRequest?_id=rx1&_include=MedicationRequest:patient', 'Patient/p1'],
    [
      'of several',
      'MedicationRequest?_id=rx1&_include=MedicationRequest:patient&_include=MedicationRequest:requester',
      'Patient/p1 Practitioner/prescriber',
    ],
    [
      'of all matches',
      'MedicationRequest?_include=MedicationRequest:subject',
      'Group/g1 Patient/p1 Patient/p2',
    ],
    ['of one type of target', 'MedicationRequest?_include=MedicationRequest:subject:Group', 'Group/g1'],
    [
      'an absolute reference to this server',
      'MedicationRequest?_id=rx2&_include=MedicationRequest:subject',
      'Patient/p2',
    ],
    [
      '"on a different server … the resource is omitted"',
      'MedicationRequest?_id=rx2&_include=MedicationRequest:requester',
      '',
    ],
    [
      '"no matching resource … is omitted"',
      'MedicationRequest?_id=rx1&_include=MedicationRequest:medication',
      '',
    ],
    [
      'the wild card "*" for the search parameter name',
      'MedicationRequest?_id=rx1&_include=MedicationRequest:*',
      'Patient/p1 Practitioner/prescriber',
    ],
    ['the wild card for all', 'MedicationRequest?_id=rx1&_include=*', 'Patient/p1 Practitioner/prescriber'],
    [
      'of another type than the matches',
      'MedicationRequest?_id=rx1&_include=Patient:general-practitioner',
      '',
    ],
    [
      'not followed further',
      'Patient?_id=p1&_include=Patient:organization&_include=Organization:partof',
      'Organization/o1',
    ],
    [
      'followed once more, with :iterate',
      'MedicationRequest?_id=rx1&_include=MedicationRequest:patient&_include:iterate=Patient:general-practitioner',
      'Patient/p1 Practitioner/gp',
    ],
    [
      'the example of the specification',
      'MedicationDispense?_include=MedicationDispense:prescription&_include:iterate=MedicationRequest:requester',
      'MedicationRequest/rx1 Practitioner/prescriber',
    ],
    [
      'as long as there is more',
      'Patient?_id=p1&_include=Patient:organization&_include:iterate=Organization:partof',
      'Organization/o1 Organization/o2 Organization/o3',
    ],
    [
      '"This technique applies to circular relationships as well": directly',
      'Observation?_id=chain1&_include=Observation:has-member',
      'Observation/chain2',
    ],
    [
      '… and with :iterate',
      'Observation?_id=chain1&_include:iterate=Observation:has-member',
      'Observation/chain2 Observation/chain3',
    ],
    [
      'a match is not included again',
      'Observation?_id=chain1,chain2&_include=Observation:has-member',
      'Observation/chain3',
    ],
    ['_revinclude', 'MedicationRequest?_id=rx1&_revinclude=Provenance:target', 'Provenance/prov1'],
    [
      '_revinclude of several matches',
      'Patient?_revinclude=MedicationRequest:patient',
      'MedicationRequest/rx1 MedicationRequest/rx2',
    ],
    [
      '_revinclude with the wild card',
      'MedicationRequest?_id=rx1&_revinclude=MedicationDispense:*&_revinclude=Provenance:*',
      'MedicationDispense/d1 Provenance/prov1',
    ],
    [
      '_revinclude of one type of target',
      'MedicationRequest?_id=rx1&_revinclude=Provenance:target:MedicationRequest',
      'Provenance/prov1',
    ],
    [
      '_revinclude of another type of target',
      'MedicationRequest?_id=rx1&_revinclude=Provenance:target:Patient',
      '',
    ],
    [
      '_revinclude:iterate',
      'MedicationRequest?_id=rx1&_revinclude=Provenance:target&_revinclude:iterate=Provenance:target',
      'Provenance/prov1 Provenance/prov2',
    ],
    [
      'both ways',
      'Patient?_id=p1&_revinclude=MedicationRequest:patient&_include:iterate=MedicationRequest:requester&_include=Patient:general-practitioner',
      'MedicationRequest/rx1 Practitioner/gp Practitioner/prescriber',
    ],
  ])('%s: %s includes %s', async (_, search, expected) => {
    const { body } = await server.get(`/${search}`).expect(200);
    expect(addresses(body, 'include')).toEqual(expected.split(' ').filter(Boolean));
    const all = body.entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl);
    expect(new Set(all).size).toBe(all.length);
  });

  test('"The _count parameter only applies to" matches, and total counts only them', async () => {
    const { body } = await server
      .get('/MedicationRequest?_count=2&_total=accurate&_include=MedicationRequest:subject')
      .expect(200);
    expect(addresses(body, 'match')).toHaveLength(2);
    expect(body.total).toBe(3);
  });

  test.each([
    ['Patient', '_include'],
    ['Patient:', '_include'],
    ['Patient:birthdate', '_include'],
    ['Patient:nonsense', 'nonsense'],
    ['Nothing:patient', '_include'],
    ['MedicationRequest:subject:Practitioner', '_include'],
    ['MedicationRequest:subject:Nothing', '_include'],
  ])('_include=%s is refused', async (value, named) => {
    const { body } = await server.get(`/MedicationRequest?_include=${value}`).expect(400);
    expect(body.issue[0].details.text).toContain(named);
  });

  describe('"_include and _revinclude parameters cannot be mixed with _summary=text"', () => {
    test('is refused', async () => {
      await server.get('/MedicationRequest?_summary=text&_include=MedicationRequest:patient').expect(400);
    });
  });
});
