import { a, concept, snomed } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#token */
const acme = 'http://acme.org/codes';
const other = 'http://other.org/codes';
const coded = (id: string, ...codings: object[]) => a('Condition', id, { code: { coding: codings } });
const identified = (id: string, ...identifier: object[]) => a('Patient', id, { identifier });

const conditions = [
  coded('acme', { system: acme, code: 'ha125' }),
  coded('other', { system: other, code: 'ha125' }),
  coded('bare', { code: 'ha125' }),
  coded('both', { system: acme, code: 'x1' }, { system: other, code: 'ha126' }),
  coded('system-only', { system: acme, display: 'without a code' }),
  a('Condition', 'text', { code: { text: 'ha125' } }),
  a('Condition', 'none'),
];

export const token: Table[] = [
  {
    clause: 'the four forms of a value, on a CodeableConcept: "matches against any coding"',
    given: conditions,
    finds: [
      ['Condition?code=ha125', 'acme other bare'],
      [`Condition?code=${acme}|ha125`, 'acme'],
      [`Condition?code=${other}|ha125`, 'other'],
      ['Condition?code=|ha125', 'bare'],
      [`Condition?code=${acme}|`, 'acme both system-only'],
      [`Condition?code=${other}|`, 'other both'],
      ['Condition?code=ha12', ''],
      [`Condition?code=${acme}|ha126`, ''],
      ['Condition?code=http://acme.org|ha125', ''],
      [`Condition?code=x1,${other}|ha125`, 'both other'],
      ['Condition?code=x1&code=ha126', 'both'],
      ['Condition?code=x1&code=ha125', ''],
    ],
  },
  {
    clause: 'Identifier: system and value',
    given: [
      identified('mrn', { system: 'http://acme.org/patient', value: '2345' }),
      identified('ssn', { system: 'urn:oid:2.16.840.1.113883.4.1', value: '2345' }),
      identified('local', { value: '2345' }),
      identified(
        'two',
        { system: 'http://acme.org/patient', value: '9' },
        { system: 'urn:x', value: '2345' },
      ),
      identified('root', { system: 'urn:oid:1.2.3' }),
      a('Patient', 'none'),
    ],
    finds: [
      ['Patient?identifier=http://acme.org/patient|2345', 'mrn'],
      ['Patient?identifier=2345', 'mrn ssn local two'],
      ['Patient?identifier=|2345', 'local'],
      ['Patient?identifier=http://acme.org/patient|', 'mrn two'],
      ['Patient?identifier=urn:oid:2.16.840.1.113883.4.1|2345', 'ssn'],
      ['Patient?identifier=urn:oid:1.2.3|', 'root'],
      ['Patient?identifier=234', ''],
      ['Patient?identifier=http://acme.org/patient|2345,urn:x|2345', 'mrn two'],
      ['Patient?identifier:missing=true', 'none'],
    ],
  },
  {
    clause: 'Coding',
    given: [
      a('Encounter', 'ambulatory'),
      a('Encounter', 'inpatient', {
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      }),
    ],
    finds: [
      ['Encounter?class=IMP', 'inpatient'],
      ['Encounter?class=http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB', 'ambulatory'],
      ['Encounter?class=http://terminology.hl7.org/CodeSystem/v3-ActCode|', 'ambulatory inpatient'],
      ['Encounter?class=|IMP', ''],
    ],
  },
  {
    clause:
      'code: "the system is defined in the value set (though it\'s not usually needed)"; boolean: true and false',
    given: [
      a('Patient', 'm', { gender: 'male', active: true }),
      a('Patient', 'f', { gender: 'female', active: false, deceasedBoolean: false }),
      a('Patient', 'dead', { deceasedDateTime: '2020-01-01' }),
      a('Patient', 'buried', { deceasedBoolean: true }),
    ],
    finds: [
      ['Patient?gender=male', 'm'],
      ['Patient?gender=http://hl7.org/fhir/administrative-gender|male', 'm'],
      ['Patient?gender=http://hl7.org/fhir/administrative-gender|', 'm f'],
      ['Patient?gender=http://example.org|male', ''],
      ['Patient?gender=male,female', 'm f'],
      ['Patient?active=true', 'm'],
      ['Patient?active=false', 'f'],
      ['Patient?active:missing=true', 'dead buried'],
      ['Patient?deceased=true', 'dead buried'],
    ],
  },
  {
    clause: 'ContactPoint: value; email and phone are the contact points of that system',
    given: [
      a('Patient', 'phone', { telecom: [{ system: 'phone', value: '0577-8888', use: 'home' }] }),
      a('Patient', 'mail', { telecom: [{ system: 'email', value: 'eve@example.org' }] }),
      a('Patient', 'both', {
        telecom: [
          { system: 'email', value: 'adam@example.org' },
          { system: 'phone', value: '13800000000' },
        ],
      }),
    ],
    finds: [
      ['Patient?telecom=0577-8888', 'phone'],
      ['Patient?phone=0577-8888', 'phone'],
      ['Patient?email=0577-8888', ''],
      ['Patient?email=eve@example.org', 'mail'],
      ['Patient?telecom=eve@example.org,13800000000', 'mail both'],
      ['Patient?phone=13800000000&email=adam@example.org', 'both'],
      ['Patient?phone:missing=true', 'mail'],
    ],
  },
  {
    clause:
      '"If the underlying data type is string then the search is not case sensitive"; "When in doubt, servers SHOULD treat tokens in a case-insensitive manner"',
    given: [
      a('Medication', 'lot', { batch: { lotNumber: 'Lot-A7' } }),
      identified('upper', { system: 'urn:x', value: 'AB12' }),
    ],
    finds: [
      ['Medication?lot-number=lot-a7', 'lot'],
      ['Medication?lot-number=Lot-A7', 'lot'],
      ['Medication?lot-number=Lot', ''],
      ['Patient?identifier=ab12', 'upper'],
      ['Patient?identifier=urn:x|Ab12', 'upper'],
    ],
  },
  {
    clause: ':not "includes resources that have no value for the parameter"',
    given: [
      a('Patient', 'm', { active: true }),
      a('Patient', 'f', { active: false }),
      a('Patient', 'none'),
      a('Patient', 'extended', {
        _active: {
          extension: [
            { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
          ],
        },
      }),
    ],
    finds: [
      ['Patient?active:not=true', 'f none extended'],
      ['Patient?active:not=true,false', 'none extended'],
      ['Patient?active:not=true&active:not=false', 'none extended'],
      ['Patient?active:missing=true', 'none extended'],
      ['Patient?active:missing=false', 'm f'],
      ['Patient?active:missing=true&active=true', ''],
    ],
  },
  {
    clause: ':not: "the negation applies to the set, not each individual entry"',
    given: conditions,
    finds: [
      ['Condition?code:not=x1', 'acme other bare system-only text none'],
      [`Condition?code:not=${acme}|ha125`, 'other bare both system-only text none'],
      [`Condition?code:not=${acme}|`, 'other bare text none'],
    ],
  },
  {
    clause: ':text "searches text associated with the code/value", "as a normal string search"',
    given: [
      coded('display', { system: snomed, code: '25064002', display: 'Headache (finding)' }),
      a('Condition', 'text', { code: { text: 'Headache after fall' } }),
      a('Condition', 'chinese', { code: { text: '头痛待查' } }),
      coded('code', { code: 'headache' }),
      identified('typed', { type: { text: 'Medical record number' }, value: '7' }),
    ],
    finds: [
      ['Condition?code:text=headache', 'display text'],
      ['Condition?code:text=HEAD', 'display text'],
      ['Condition?code:text=头痛', 'chinese'],
      ['Condition?code:text=待查', 'chinese'],
      ['Condition?code:text=after f', 'text'],
      ['Condition?code:text=finding', 'display'],
      ['Condition?code:text=ache', ''],
      ['Condition?code:text=头痛,headache after', 'chinese text'],
      ['Patient?identifier:text=medical', 'typed'],
      ['Patient?identifier:text=7', ''],
    ],
  },
  {
    clause: ':of-type "has the format system|code|value", "match if any of the type codes match"',
    given: [
      identified('mr', {
        type: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' },
            { system: 'http://acme.org/types', code: 'chart' },
          ],
        },
        system: 'http://acme.org/patient',
        value: '446053',
      }),
      identified('other-type', {
        type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'SS'),
        value: '446053',
      }),
      identified('untyped', { value: '446053' }),
      identified(
        'crossed',
        { type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR'), value: '1' },
        { type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'SS'), value: '2' },
      ),
    ],
    finds: [
      ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053', 'mr'],
      ['Patient?identifier:of-type=http://acme.org/types|chart|446053', 'mr'],
      ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|2', ''],
      ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|446053', 'other-type'],
    ],
    refuses: [
      ['Patient?identifier:of-type=MR|446053', 'identifier'],
      ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203||446053', 'identifier'],
      ['Patient?gender:of-type=a|b|c', 'gender'],
    ],
  },
  {
    clause: ':in and :not-in test "whether the coding is in the specified value set"',
    given: [
      a('Condition', 'active', {
        clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
      }),
      a('Condition', 'elsewhere', {
        code: { coding: [{ system: 'http://acme.org/codes', code: 'active' }] },
      }),
      a('Patient', 'm', { gender: 'male' }),
      a('Patient', 'none'),
    ],
    finds: [
      ['Condition?clinical-status:in=http://hl7.org/fhir/ValueSet/condition-clinical', 'active'],
      ['Condition?code:in=http://hl7.org/fhir/ValueSet/condition-clinical', ''],
      ['Condition?clinical-status:not-in=http://hl7.org/fhir/ValueSet/condition-clinical', 'elsewhere'],
      ['Condition?code:not-in=http://hl7.org/fhir/ValueSet/condition-clinical', 'active elsewhere'],
      ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', 'm'],
      ['Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender', 'none'],
    ],
    refuses: [['Condition?code:in=http://acme.org/ValueSet/unknown', 'code']],
  },
  {
    clause:
      ':below "is subsumed by the specified search code", :above "subsumes" it; "this includes the coding itself"',
    given: ['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved'].map((code) =>
      a('Condition', code, {
        clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', code),
      }),
    ),
    finds: [
      [
        'Condition?clinical-status:below=http://terminology.hl7.org/CodeSystem/condition-clinical|active',
        'active recurrence relapse',
      ],
      [
        'Condition?clinical-status:above=http://terminology.hl7.org/CodeSystem/condition-clinical|remission',
        'remission inactive',
      ],
      ['Condition?clinical-status:below=inactive', 'inactive remission resolved'],
      ['Condition?clinical-status:below=relapse', 'relapse'],
      [
        'Condition?clinical-status:below=http://terminology.hl7.org/CodeSystem/condition-clinical|active,resolved',
        'active recurrence relapse resolved',
      ],
      ['Condition?clinical-status=active', 'active'],
    ],
  },
  {
    clause: 'MIME types: contenttype:below=text/xml "will find all text/xml documents"',
    given: ['text/xml', 'text/xml; charset=UTF-8', 'text/xml;v=1', 'text/plain', 'text/xmlish'].map(
      (contentType, n) => a('DocumentReference', `d${n}`, { content: [{ attachment: { contentType } }] }),
    ),
    finds: [
      ['DocumentReference?contenttype=text/xml', 'd0'],
      ['DocumentReference?contenttype:below=text/xml', 'd0 d1 d2'],
      ['DocumentReference?contenttype=text/xml; charset=UTF-8', 'd1'],
    ],
  },
  {
    clause:
      '"For token parameters on elements of type ContactPoint, uri, or boolean, the presence of the pipe symbol SHALL NOT be used"',
    given: [],
    refuses: [
      ['Patient?active=http://example.org|true', 'active'],
      ['Patient?telecom=phone|0577', 'telecom'],
      ['Condition?code=a|b|c', 'code'],
      ['Condition?code=|', 'code'],
      ['Condition?code:exact=a', 'code'],
      ['Condition?code:Patient=a', 'code'],
      ['Condition?code:missing=1', 'code'],
    ],
  },
];
