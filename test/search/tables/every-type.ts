import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#all */
const tagged = (id: string, meta: object) => a('Condition', id, { meta });

export const everyType: Table[] = [
  {
    clause: '"matches on _id are always case sensitive"',
    given: [a('Patient', 'Eve'), a('Patient', '23'), a('Patient', 'a.b-c')],
    finds: [
      ['Patient?_id=23', '23'],
      ['Patient?_id=Eve', 'Eve'],
      ['Patient?_id=eve', ''],
      ['Patient?_id=23,Eve', '23 Eve'],
      ['Patient?_id=a.b-c', 'a.b-c'],
      ['Patient?_id=23&_id=Eve', ''],
      ['Patient?_id=unknown', ''],
      ['Patient?_id:not=23', 'Eve a.b-c'],
      ['Condition?_id=23', ''],
    ],
    refuses: [['Patient?_id:text=23', '_id']],
  },
  {
    clause: '_tag, _security, _profile and _source "search on the equivalent elements in the meta element"',
    given: [
      tagged('review', { tag: [{ system: 'http://acme.org/codes', code: 'needs-review' }] }),
      tagged('other-tag', {
        tag: [{ system: 'http://other.org', code: 'needs-review', display: 'Look again' }],
      }),
      tagged('secret', {
        security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
      }),
      tagged('sourced', { source: 'http://his.example.org/feed#msg-1' }),
      a('Condition', 'plain'),
    ],
    finds: [
      ['Condition?_tag=http://acme.org/codes|needs-review', 'review'],
      ['Condition?_tag=needs-review', 'review other-tag'],
      ['Condition?_tag=http://other.org|', 'other-tag'],
      ['Condition?_tag:text=look', 'other-tag'],
      ['Condition?_tag:missing=true', 'secret sourced plain'],
      ['Condition?_tag:not=needs-review', 'secret sourced plain'],
      ['Condition?_security=R', 'secret'],
      ['Condition?_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R', 'secret'],
      ['Condition?_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N', ''],
      ['Condition?_source=http://his.example.org/feed#msg-1', 'sourced'],
      ['Condition?_source:below=http://his.example.org/', 'sourced'],
      ['Condition?_source:missing=false', 'sourced'],
    ],
  },
  {
    clause:
      '_profile "restricts the search to only … resources that are tagged as conforming to a particular profile"',
    given: [
      a('Observation', 'vital', {
        meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyheight'] },
        category: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
            ],
          },
        ],
        code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
        subject: { reference: 'Patient/1' },
        effectiveDateTime: '2020-01-01',
        valueQuantity: { value: 170, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
      }),
      a('Observation', 'plain'),
    ],
    finds: [
      ['Observation?_profile=http://hl7.org/fhir/StructureDefinition/bodyheight', 'vital'],
      ['Observation?_profile=http://hl7.org/fhir/StructureDefinition/bodyweight', ''],
      ['Observation?_profile:below=http://hl7.org/fhir/', 'vital'],
      ['Observation?_profile:missing=true', 'plain'],
    ],
  },
];
