import { a, to } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#reference */
const about = (id: string, subject: object) => a('Observation', id, { subject });
const plan = (id: string, library: string) => a('PlanDefinition', id, { library: [library] });

export const reference: Table[] = [
  {
    clause:
      '[id], [type]/[id] and [url]; "A relative reference resolving to the same value as a specified absolute URL, or vice versa, qualifies as a match"',
    given: [
      about('relative', to('Patient/123')),
      about('absolute', to('{base}/Patient/123')),
      about('elsewhere', to('http://elsewhere.org/fhir/Patient/123')),
      about('group', to('Group/123')),
      about('versioned', to('Patient/123/_history/2')),
      about('other', to('Patient/1234')),
      about('logical', { identifier: { system: 'http://acme.org/mrn', value: '123456' } }),
      about('far', to('http://elsewhere.example/fhir/Patient/c757')),
      a('Observation', 'none'),
    ],
    finds: [
      ['Observation?subject=Patient/123', 'relative absolute versioned'],
      ['Observation?subject={base}/Patient/123', 'relative absolute versioned'],
      ['Observation?subject=http://elsewhere.org/fhir/Patient/123', 'elsewhere'],
      ['Observation?subject=Group/123', 'group'],
      ['Observation?subject=1234', 'other'],
      ['Observation?subject:Patient=123', 'relative absolute versioned'],
      ['Observation?subject:Group=123', 'group'],
      ['Observation?subject:Patient=Patient/123', 'relative absolute versioned'],
      ['Observation?patient=123', 'relative absolute versioned'],
      ['Observation?patient=Patient/123', 'relative absolute versioned'],
      ['Observation?patient=Group/123', ''],
      ['Observation?subject=101', ''],
      ['Observation?subject=Patient/1234,Group/123', 'other group'],
      ['Observation?subject=http://elsewhere.example/fhir/Patient/c757', 'far'],
      ['Observation?subject:missing=true', 'none'],
      ['Observation?patient:missing=true&subject:missing=false', 'group'],
    ],
  },
  {
    clause: '"the search parameter patient … is limited to only include references of type Patient"',
    given: [about('p', to('Patient/1')), about('g', to('Group/1')), about('d', to('Device/1'))],
    finds: [
      ['Observation?patient=1', 'p'],
      ['Observation?patient:missing=false', 'p'],
      ['Observation?patient:missing=true', 'g d'],
    ],
  },
  {
    clause:
      ':identifier "allows for searching by the identifier rather than the literal reference", "works as a token search"',
    given: [
      about('mrn', { identifier: { system: 'http://acme.org/fhir/identifier/mrn', value: '123456' } }),
      about('both', {
        reference: 'Patient/9',
        identifier: { system: 'http://acme.org/fhir/identifier/mrn', value: '9' },
      }),
      about('other', { identifier: { system: 'http://other.org', value: '123456' } }),
      about('literal', to('Patient/123456')),
    ],
    finds: [
      ['Observation?subject:identifier=http://acme.org/fhir/identifier/mrn|123456', 'mrn'],
      ['Observation?subject:identifier=123456', 'mrn other'],
      ['Observation?subject:identifier=http://acme.org/fhir/identifier/mrn|', 'mrn both'],
      [
        'Observation?subject:identifier=http://other.org|123456,http://acme.org/fhir/identifier/mrn|9',
        'other both',
      ],
      ['Observation?subject=Patient/9', 'both'],
    ],
  },
  {
    clause:
      'canonical: "interpreting that portion as a search on the business version", :below matches all versions',
    given: [
      plan('v1.0', 'http://acme.com/some-library|1.0'),
      plan('v1.1', 'http://acme.com/some-library|1.1'),
      plan('v2.0', 'http://acme.com/some-library|2.0'),
      plan('plain', 'http://acme.com/some-library'),
      plan('longer', 'http://acme.com/some-library-2|1.0'),
    ],
    finds: [
      ['PlanDefinition?depends-on=http://acme.com/some-library\\|1.0', 'v1.0'],
      ['PlanDefinition?depends-on:below=http://acme.com/some-library', 'v1.0 v1.1 v2.0 plain'],
      ['PlanDefinition?depends-on:below=http://acme.com/some-library\\|1', 'v1.0 v1.1'],
      ['PlanDefinition?depends-on=http://acme.com/some-library|1.0', 'v1.0'],
      ['PlanDefinition?depends-on:below=http://acme.com/some-library|1', 'v1.0 v1.1'],
      ['PlanDefinition?depends-on=http://acme.com/some-library', 'v1.0 v1.1 v2.0 plain'],
    ],
  },
  {
    clause:
      'hierarchies: location:below=42 finds "also any procedures that occurred in locations that are part of location with id 42"',
    given: [
      a('Location', '42', { name: 'hospital' }),
      a('Location', 'ward', { partOf: to('Location/42') }),
      a('Location', 'bed', { partOf: to('Location/ward') }),
      a('Location', 'annex'),
      a('Procedure', 'in-hospital', { location: to('Location/42') }),
      a('Procedure', 'in-ward', { location: to('Location/ward') }),
      a('Procedure', 'in-bed', { location: to('Location/bed') }),
      a('Procedure', 'in-annex', { location: to('Location/annex') }),
    ],
    finds: [
      ['Procedure?location:below=42', 'in-hospital in-ward in-bed'],
      ['Procedure?location:below=Location/ward', 'in-ward in-bed'],
      ['Procedure?location:above=bed', 'in-hospital in-ward in-bed'],
      ['Procedure?location:above=42', 'in-hospital'],
      ['Procedure?location=42', 'in-hospital'],
      ['Procedure?location:below=annex,ward', 'in-annex in-ward in-bed'],
      ['Location?partof:below=42', 'ward bed'],
    ],
  },
  {
    clause:
      'encounter:above=21 returns "all medication administrations that happened during encounter with id 21 or during any parent encounter"',
    given: [
      a('Encounter', 'stay'),
      a('Encounter', '21', { partOf: to('Encounter/stay') }),
      a('MedicationAdministration', 'in-stay', { context: to('Encounter/stay') }),
      a('MedicationAdministration', 'in-21', { context: to('Encounter/21') }),
      a('MedicationAdministration', 'none'),
    ],
    finds: [
      ['MedicationAdministration?context:above=21', 'in-stay in-21'],
      ['MedicationAdministration?context:below=stay', 'in-stay in-21'],
      ['MedicationAdministration?context:below=21', 'in-21'],
    ],
  },
  {
    clause:
      'elements of type Resource: "one resource is directly nested within another - see the Bundle search parameters"',
    given: [
      {
        resourceType: 'Bundle',
        id: 'document',
        type: 'document',
        identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
        timestamp: '2020-01-01T00:00:00Z',
        entry: [
          {
            fullUrl: '{base}/Composition/c1',
            resource: {
              resourceType: 'Composition',
              id: 'c1',
              status: 'final',
              type: { text: 'note' },
              date: '2020-01-01',
              author: [{ display: 'someone' }],
              title: 'Note',
            },
          },
        ],
      },
    ],
    finds: [
      ['Bundle?composition=c1', 'document'],
      ['Bundle?composition=Composition/c1', 'document'],
      ['Bundle?composition=c2', ''],
      ['Bundle?message:missing=true', 'document'],
    ],
  },
  {
    clause:
      '"Server SHALL reject any search request that … is suffixed by a modifier that the server does not support"',
    given: [],
    refuses: [
      ['Observation?subject:Practitioner=1', 'subject'],
      ['Observation?subject:text=1', 'subject'],
      ['Observation?subject:Patient=Group/1', 'subject'],
      ['PlanDefinition?depends-on:identifier=1', 'depends-on'],
    ],
  },
];
