import type { Resource } from '../../../src/fhir/resource.ts';
import { a, concept, loinc, to, ucum } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#text, #list and http://hl7.org/fhir/R4/search_filter.html */
const narrated = (id: string, text: string, members: object = {}): Resource =>
  a('Condition', id, {
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
    ...members,
  });

const at = (id: string, latitude: number, longitude: number) =>
  a('Location', id, { position: { latitude, longitude } });

const people = [
  a('Patient', 'peter', {
    name: [{ given: ['Peter'], family: 'Petterson' }],
    birthDate: '2014-10-12',
    gender: 'male',
  }),
  a('Patient', 'old', {
    name: [{ given: ['Peter'], family: 'Smith' }],
    birthDate: '1950-01-01',
    gender: 'male',
  }),
  a('Patient', 'anna', {
    name: [{ given: ['Anna'], family: 'Lopet' }],
    birthDate: '2014-10-10',
    gender: 'female',
  }),
  a('Patient', 'unknown'),
];

export const special: Table[] = [
  {
    clause: '_text: "Condition resources with the word metastases and either bone or liver in the narrative"',
    given: [
      narrated('bone', '<p>Bone <b>metastases</b></p>'),
      narrated('liver', '<p>metastases of the LIVER</p>'),
      narrated('lung', '<p>metastases of the lung</p>'),
      narrated('healthy', '<p>bone and liver without findings</p>'),
      a('Condition', 'no-narrative', { note: [{ text: 'bone metastases' }] }),
    ],
    finds: [
      ['Condition?_text=(bone OR liver) and metastases', 'bone liver'],
      ['Condition?_text=metastases', 'bone liver lung'],
      ['Condition?_text=METASTASES', 'bone liver lung'],
      ['Condition?_text=bone metastases', 'bone'],
      ['Condition?_text=metastases NOT liver', 'bone lung'],
      ['Condition?_text=bone OR lung', 'bone lung healthy'],
      ['Condition?_text=unheard', ''],
      ['Condition?_text=xhtml', ''],
      ['Condition?_content=bone', 'bone healthy no-narrative'],
      ['Condition?_content=metastases&_text=bone', 'bone'],
    ],
    refuses: [
      ['Condition?_text=(bone', '_text'],
      ['Condition?_text=bone)', '_text'],
      ['Condition?_text:exact=bone', '_text'],
    ],
  },
  {
    clause: 'Chinese text: "finds words inside sentences"',
    given: [
      narrated('heart', '<p>患者因反复胸痛三天，诊断为急性心肌梗死，建议上转县医院。</p>'),
      narrated('head', '<p>头痛待查，血压偏高，需做B超检查。</p>'),
      a('Condition', 'note', { note: [{ text: '曾患急性心肌梗死，现病情稳定' }] }),
      a('Condition', 'code', { code: { text: '２型糖尿病' } }),
    ],
    finds: [
      ['Condition?_text=心肌梗死', 'heart'],
      ['Condition?_text=胸痛', 'heart'],
      ['Condition?_text=胸痛 县医院', 'heart'],
      ['Condition?_text=头痛 OR 胸痛', 'head heart'],
      ['Condition?_text=痛胸', ''],
      ['Condition?_text=B超', 'head'],
      ['Condition?_content=急性心肌梗死', 'heart note'],
      ['Condition?_content=病情稳定', 'note'],
      ['Condition?_content=2型糖尿病', 'code'],
      ['Condition?_content=心肌 NOT 稳定', 'heart'],
    ],
  },
  {
    clause: '_list=42 returns "all Patient resources that are referenced from the list"',
    given: [
      a('Patient', 'in', { gender: 'female' }),
      a('Patient', 'in-too', { gender: 'male' }),
      a('Patient', 'out', { gender: 'female' }),
      a('Condition', 'in', {}),
      a('List', '42', {
        entry: ['Patient/in', 'Patient/in-too', 'Condition/in'].map((item) => ({ item: to(item) })),
      }),
      a('List', '43', { entry: [{ item: to('Patient/out') }] }),
    ],
    finds: [
      ['Patient?_list=42', 'in in-too'],
      ['Patient?_list=List/42', 'in in-too'],
      ['Patient?_list=42&gender=female', 'in'],
      ['Patient?_list=42,43', 'in in-too out'],
      ['Condition?_list=42', 'in'],
      ['Patient?_list=44', ''],
    ],
    refuses: [['AllergyIntolerance?_list=$current-allergies', '_list']],
  },
  {
    clause: '_filter: the examples of its page',
    given: [
      ...people,
      a('Observation', 'of-peter', { subject: to('Patient/peter'), code: concept(loinc, '1234-5') }),
      a('Observation', 'of-old', { subject: to('Patient/old'), code: concept(loinc, '9') }),
    ],
    finds: [
      ['Patient?_filter=name co "pet"', 'peter old anna'],
      ['Patient?_filter=given eq "peter" and birthdate ge 2014-10-10', 'peter'],
      [`Observation?_filter=code eq ${loinc}|1234-5`, 'of-peter'],
      ['Observation?_filter=code eq loinc|1234-5', 'of-peter'],
      ['Observation?_filter=subject.name co "pet"', 'of-peter of-old'],
      ['Observation?_filter=code eq http://loinc.org|1234-5 and subject.name co "peter"', 'of-peter'],
      ['Observation?_filter=subject re Patient/old', 'of-old'],
      ['Observation?_filter=subject:Patient[gender eq male and birthdate ge 2000].name co "pet"', 'of-peter'],
    ],
  },
  {
    clause:
      '_filter: "Logical expressions are evaluated left to right, with no precedence between and and or"; not; parentheses; "Values are never case sensitive"',
    given: people,
    finds: [
      ['Patient?_filter=gender eq female or gender eq male and given eq "anna"', 'anna'],
      ['Patient?_filter=gender eq female or (gender eq male and given eq "peter")', 'peter old anna'],
      ['Patient?_filter=not (gender eq male)', 'anna unknown'],
      ['Patient?_filter=not(given eq peter) and gender eq female', 'anna'],
      ['Patient?_filter=given eq PETER', 'peter old'],
      ['Patient?_filter=given eq pet', ''],
      ['Patient?_filter=given sw pet', 'peter old'],
      ['Patient?_filter=family ew "pet"', 'anna'],
      ['Patient?_filter=given ne peter', 'anna'],
      ['Patient?_filter=family gt "p"', 'peter old'],
      ['Patient?_filter=family lt "p"', 'anna'],
      ['Patient?_filter=birthdate lt 2000 or birthdate gt 2014-10-11', 'old peter'],
      ['Patient?_filter=birthdate po 2014-10', 'peter anna'],
      ['Patient?_filter=birthdate sa 2014-10-10', 'peter'],
      ['Patient?_filter=birthdate eb 2014', 'old'],
      ['Patient?_filter=gender pr false', 'unknown'],
      ['Patient?_filter=gender pr true', 'peter old anna'],
      ['Patient?_filter=gender in http://hl7.org/fhir/ValueSet/administrative-gender', 'peter old anna'],
      ['Patient?_filter=gender ni http://hl7.org/fhir/ValueSet/administrative-gender', 'unknown'],
      ['Patient?_filter=gender ne male', 'anna'],
      ['Patient?_filter=name co "pet"&gender=female', 'anna'],
      ['Patient?_filter=_id eq anna', 'anna'],
    ],
    refuses: [
      ['Patient?_filter=given', '_filter'],
      ['Patient?_filter=given xx peter', '_filter'],
      ['Patient?_filter=given eq', '_filter'],
      ['Patient?_filter=(given eq peter', '_filter'],
      ['Patient?_filter=given eq peter and', '_filter'],
      ['Patient?_filter=nonsense eq peter', 'nonsense'],
      ['Patient?_filter=given eq "peter', '_filter'],
    ],
  },
  {
    clause: '_filter: quantities and subsumption',
    given: [
      a('Observation', 'ten', { valueQuantity: { value: 10, system: ucum, code: 'mg', unit: 'mg' } }),
      a('Observation', 'hundred', { valueQuantity: { value: 0.1, system: ucum, code: 'g', unit: 'g' } }),
      a('Condition', 'relapse', {
        clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'relapse'),
      }),
      a('Condition', 'resolved', {
        clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved'),
      }),
    ],
    finds: [
      [`Observation?_filter=value-quantity gt 50|${ucum}|mg`, 'hundred'],
      ['Observation?_filter=value-quantity gt 5|ucum|mg', 'ten hundred'],
      ['Observation?_filter=value-quantity eq 10|ucum|mg', 'ten'],
      [
        'Condition?_filter=clinical-status ss http://terminology.hl7.org/CodeSystem/condition-clinical|active',
        'relapse',
      ],
      [
        'Condition?_filter=clinical-status sb http://terminology.hl7.org/CodeSystem/condition-clinical|relapse',
        'relapse',
      ],
    ],
  },
  {
    clause:
      'near of Location: "within a specified distance of, the provided coordinates expressed as [latitude]|[longitude]|[distance]|[units]"',
    given: [
      // Yueqing, and places 8 km, 29 km and 270 km away from it.
      at('here', 28.1126, 120.9837),
      at('near', 28.1126, 121.0652),
      at('wenzhou', 27.9938, 120.6994),
      at('hangzhou', 30.2741, 120.1551),
      at('fiji-east', -17, -179.95),
      at('fiji-west', -17, 179.95),
      at('pole', 89.99, 10),
      a('Location', 'nowhere'),
    ],
    finds: [
      ['Location?near=28.1126|120.9837|10|km', 'here near'],
      ['Location?near:missing=true', 'nowhere'],
      ['Location?near=28.1126|120.9837|10', 'here near'],
      ['Location?near=28.1126|120.9837|10000|m', 'here near'],
      ['Location?near=28.1126|120.9837|7|km', 'here'],
      ['Location?near=28.1126|120.9837|40|km', 'here near wenzhou'],
      ['Location?near=28.1126|120.9837', 'here near wenzhou'],
      ['Location?near=28.1126|120.9837|20|[mi_i]', 'here near wenzhou'],
      ['Location?near=28.1126|120.9837|300|km', 'here near wenzhou hangzhou'],
      ['Location?near=-17.0|180.0|20|km', 'fiji-east fiji-west'],
      ['Location?near=-17.0|-179.95|20|km', 'fiji-east fiji-west'],
      ['Location?near=90|-170|20|km', 'pole'],
      ['Location?near=0|0|30000|km', 'here near wenzhou hangzhou fiji-east fiji-west pole'],
      ['Location?near=28.1126|120.9837|10|km,-17|180|20|km', 'here near fiji-east fiji-west'],
    ],
    refuses: [
      ['Location?near=28.1126', 'near'],
      ['Location?near=here|there', 'near'],
      ['Location?near=91|0|1|km', 'near'],
      ['Location?near=0|0|-1|km', 'near'],
      ['Location?near=0|0|1|kg', 'near'],
    ],
  },
];
