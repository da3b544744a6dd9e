import { a, concept, loinc, to } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#chaining and #has */
const practitioner = (id: string, family: string, state?: string) =>
  a('Practitioner', id, { name: [{ family }], ...(state && { address: [{ state }] }) });
const patient = (id: string, family: string, ...doctors: string[]) =>
  a('Patient', id, {
    name: [{ family }],
    ...(doctors.length > 0 && { generalPractitioner: doctors.map(to) }),
  });

export const chain: Table[] = [
  {
    clause:
      'DiagnosticReport?subject.name=peter: "all the lab reports that have a subject whose name includes peter"',
    given: [
      a('Patient', 'peter', {
        name: [{ given: ['Peter'] }],
        identifier: [{ system: 'urn:mrn', value: '7' }],
      }),
      a('Patient', 'paul', { name: [{ given: ['Paul'] }] }),
      a('Group', 'peters', { name: 'Peters' }),
      a('DiagnosticReport', 'of-peter', { subject: to('Patient/peter') }),
      a('DiagnosticReport', 'of-peter-absolute', { subject: to('{base}/Patient/peter') }),
      a('DiagnosticReport', 'of-paul', { subject: to('Patient/paul') }),
      a('DiagnosticReport', 'of-group', { subject: to('Group/peters') }),
      a('DiagnosticReport', 'of-nobody'),
      a('DiagnosticReport', 'dangling', { subject: to('Patient/not-there') }),
      a('DiagnosticReport', 'elsewhere', { subject: to('http://elsewhere.org/fhir/Patient/peter') }),
    ],
    finds: [
      ['DiagnosticReport?subject.name=peter', 'of-peter of-peter-absolute'],
      ['DiagnosticReport?subject:Patient.name=peter', 'of-peter of-peter-absolute'],
      ['DiagnosticReport?patient.name=peter', 'of-peter of-peter-absolute'],
      ['DiagnosticReport?patient.name=peter,paul', 'of-peter of-peter-absolute of-paul'],
      ['DiagnosticReport?patient.name=mary', ''],
      ['DiagnosticReport?patient.identifier=urn:mrn|7', 'of-peter of-peter-absolute'],
      ['DiagnosticReport?patient.identifier=urn:mrn|123456', ''],
      ['DiagnosticReport?patient.identifier=urn:mrn|123456&patient.name=peter', ''],
      ['DiagnosticReport?subject:Group.type=person', 'of-group'],
      ['DiagnosticReport?patient._id=paul', 'of-paul'],
      ['DiagnosticReport?patient.name:exact=Peter', 'of-peter of-peter-absolute'],
      ['DiagnosticReport?patient.name:exact=peter', ''],
      ['DiagnosticReport?patient.name:missing=true', ''],
      ['DiagnosticReport?patient.birthdate:missing=true', 'of-peter of-peter-absolute of-paul'],
      ['DiagnosticReport?patient.name:contains=eter,aul', 'of-peter of-peter-absolute of-paul'],
    ],
    refuses: [
      ['DiagnosticReport?subject:Practitioner.name=peter', 'subject'],
      ['DiagnosticReport?subject.nonsense=peter', 'nonsense'],
      ['DiagnosticReport?code.name=peter', 'code'],
      ['DiagnosticReport?patient.birthdate=peter', 'birthdate'],
      ['DiagnosticReport?patient.=peter', 'search parameter'],
    ],
  },
  {
    clause: '"This can be done recursively, following a logical path through a graph of related resources"',
    given: [
      a('Organization', 'hospital', { name: 'County Hospital' }),
      a('Organization', 'ward', { name: 'Ward', partOf: to('Organization/hospital') }),
      a('PractitionerRole', 'role', {
        practitioner: to('Practitioner/joe'),
        organization: to('Organization/ward'),
      }),
      practitioner('joe', 'Joe'),
      practitioner('jane', 'Jane'),
      patient('of-joe', 'Li', 'Practitioner/joe'),
      patient('of-jane', 'Li', 'Practitioner/jane'),
      patient('of-role', 'Wu', 'PractitionerRole/role'),
      a('Observation', 'o-joe', { subject: to('Patient/of-joe') }),
      a('Observation', 'o-jane', { subject: to('Patient/of-jane') }),
      a('Observation', 'o-role', { subject: to('Patient/of-role') }),
      a('DiagnosticReport', 'r-joe', { result: [to('Observation/o-joe')] }),
      a('DiagnosticReport', 'r-role', { result: [to('Observation/o-role'), to('Observation/o-jane')] }),
    ],
    finds: [
      ['Observation?subject:Patient.general-practitioner:Practitioner.name=joe', 'o-joe'],
      ['Observation?subject:Patient.general-practitioner.name=joe', 'o-joe'],
      ['Observation?patient.general-practitioner:Practitioner.family=joe,jane', 'o-joe o-jane'],
      ['DiagnosticReport?result.patient.general-practitioner:Practitioner.name=jane', 'r-role'],
      ['Patient?general-practitioner:PractitionerRole.practitioner.name=joe', 'of-role'],
      [
        'DiagnosticReport?result.patient.general-practitioner:PractitionerRole.organization.partof.name=county',
        'r-role',
      ],
      ['Observation?patient.general-practitioner:PractitionerRole.organization.partof.name=ward', ''],
      ['DiagnosticReport?result.patient.name=li&result.patient.name=wu', 'r-role'],
    ],
  },
  {
    clause: '"Note that chained parameters are applied independently to the target resource"',
    given: [
      practitioner('joe', 'Joe', 'CA'),
      practitioner('jane', 'Jane', 'MN'),
      practitioner('joe-mn', 'Joe', 'MN'),
      patient('both', 'A', 'Practitioner/joe', 'Practitioner/jane'),
      patient('one', 'B', 'Practitioner/joe'),
      patient('right', 'C', 'Practitioner/joe-mn'),
    ],
    finds: [
      [
        'Patient?general-practitioner:Practitioner.name=Joe&general-practitioner:Practitioner.address-state=MN',
        'both right',
      ],
    ],
  },
  {
    clause: '_has: "referred to by at least one Observation where the observation has a code of 1234"',
    given: [
      a('Patient', 'p1', { gender: 'male' }),
      a('Patient', 'p2', { gender: 'female' }),
      a('Patient', 'p3'),
      a('Observation', 'o1', { subject: to('Patient/p1'), code: concept(loinc, '1234-5') }),
      a('Observation', 'o2', { subject: to('Patient/p2'), code: concept(loinc, '456') }),
      a('Observation', 'o3', {
        subject: to('Patient/p1'),
        code: concept(loinc, '456'),
        status: 'preliminary',
      }),
      a('Observation', 'o4', { subject: to('Group/p3'), code: concept(loinc, '1234-5') }),
      a('AuditEvent', 'seen', {
        agent: [{ requestor: true, who: { identifier: { value: 'MyUserId' } }, altId: 'MyUserId' }],
        entity: [{ what: to('Observation/o2') }],
      }),
      a('Group', '102', { member: [{ entity: to('Patient/p1') }, { entity: to('Patient/p3') }] }),
      a('Encounter', 'e1', { subject: to('Patient/p1') }),
      a('Encounter', 'e2', { subject: to('Patient/p2') }),
    ],
    finds: [
      ['Patient?_has:Observation:patient:code=1234-5', 'p1'],
      [`Patient?_has:Observation:patient:code=${loinc}|1234-5`, 'p1'],
      ['Patient?_has:Observation:patient:code=1234-5,456', 'p1 p2'],
      ['Patient?_has:Observation:patient:code=1234-5&_has:Observation:patient:code=456', 'p1'],
      ['Patient?_has:Observation:patient:code=1234-5&_has:Observation:patient:status=preliminary', 'p1'],
      ['Patient?_has:Observation:patient:code=unknown', ''],
      ['Patient?_has:Observation:patient:code=456&gender=female', 'p2'],
      ['Patient?_has:Observation:subject:code:not=456', 'p1'],
      ['Patient?_has:Observation:patient:_has:AuditEvent:entity:altid=MyUserId', 'p2'],
      ['Patient?_has:Observation:patient:_id=o3', 'p1'],
      ['Patient?_has:Group:member:_id=102', 'p1 p3'],
      ['Encounter?patient._has:Group:member:_id=102', 'e1'],
      ['Encounter?subject:Patient._has:Observation:patient:code=456', 'e1 e2'],
      ['Patient?_has:Encounter:patient:patient._has:Group:member:_id=102', 'p1'],
      ['Patient?_has:Encounter:patient:subject:Patient.gender=female', 'p2'],
      ['Observation?patient._has:Encounter:patient:_id=e2', 'o2'],
      ['Group?_has:Observation:subject:code=1234-5', ''],
      ['Patient?_has:Observation:patient:value-quantity=gt5', ''],
    ],
    refuses: [
      ['Patient?_has:Observation:patient=1', '_has'],
      ['Patient?_has:Observation=1', '_has'],
      ['Patient?_has=1', '_has'],
      ['Patient?_has:Nothing:patient:code=1', '_has'],
      ['Patient?_has:Observation:nonsense:code=1', 'nonsense'],
      ['Patient?_has:Observation:encounter:code=1', '_has'],
      ['Patient?_has:Observation:code:code=1', 'code'],
      ['Patient?_has:Observation:patient:nonsense=1', 'nonsense'],
    ],
  },
];
