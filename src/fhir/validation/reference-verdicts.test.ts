import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { createValidator } from './validator.ts';

const validator = createValidator(loadDefinitions());

/** What is said of a resource: severity, place and the beginning of the sentence. */
const said = (resource: Resource) =>
  validator
    .validate(resource)
    .filter(({ severity }) => severity !== 'information')
    .map(({ severity, expression, text }) => `${severity} ${expression?.[0]}: ${text.en}`);

const ucum = 'http://unitsofmeasure.org';
const observation = (changes: object): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '血压' },
  ...changes,
});
const quantity = (code: string) => ({ value: 1, system: ucum, code });
const patient = (changes: object): Resource => ({ resourceType: 'Patient', ...changes });
const typed = (code: string): Resource =>
  patient({
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] },
        system: 'http://example.org',
        value: '1',
      },
    ],
  });
const structure = 'http://hl7.org/fhir/StructureDefinition';

// Those that are errors are errors of HL7's validator (6.7.9), at the same place.
test.each<[string, Resource, string]>([
  [
    'a unit that is no UCUM',
    observation({ valueQuantity: quantity('mmHg') }),
    'error Observation.value: "mmHg" is no UCUM unit; it is written "mm[Hg]"',
  ],
  [
    'one in a reference range',
    observation({ referenceRange: [{ low: quantity('foo') }] }),
    'error Observation.referenceRange[0].low: The unit "foo" is not one of',
  ],
  [
    'one in a ratio',
    observation({ valueRatio: { numerator: quantity('foo'), denominator: quantity('1') } }),
    'error Observation.value.numerator: The unit "foo" is not one of',
  ],
  [
    'one as the code of a concept',
    observation({ valueCodeableConcept: { coding: [{ system: ucum, code: 'KG' }] } }),
    'error Observation.value: "KG" is no UCUM unit; it is written "kg"',
  ],
  [
    'an annotation that is not ASCII',
    observation({ valueQuantity: quantity('{片}') }),
    'error Observation.value: The unit "{片}" is not one of',
  ],
  [
    'a unit of an age, which HL7 does not look at',
    { resourceType: 'Condition', subject: { reference: 'Patient/1' }, onsetAge: quantity('mmHg') },
    'warning Condition.onset: The unit "mmHg" is not one of',
  ],
  [
    'a code that a table of HL7 has got since R4, which HL7 refuses',
    typed('FGN'),
    'warning Patient.identifier[0].type: There is no code "FGN" in the code system http://terminology.hl7.org/CodeSystem/v2-0203 as published with R4',
  ],
  [
    'a modifier among the extensions',
    {
      resourceType: 'NutritionOrder',
      status: 'active',
      intent: 'order',
      patient: { reference: 'Patient/1' },
      dateTime: '2026-11-20',
      oralDiet: { instruction: 'x' },
      extension: [{ url: `${structure}/request-doNotPerform`, valueBoolean: true }],
    },
    `error NutritionOrder.extension[0]: The extension ${structure}/request-doNotPerform modifies what it is on`,
  ],
  [
    'a plain one among the modifiers',
    patient({
      modifierExtension: [{ url: `${structure}/patient-birthPlace`, valueAddress: { text: '永安县' } }],
    }),
    `error Patient.modifierExtension[0]: The extension ${structure}/patient-birthPlace modifies nothing`,
  ],
  [
    "one of a name's part on the name",
    patient({
      name: [{ text: 'x', extension: [{ url: `${structure}/humanname-mothers-family`, valueString: 'y' }] }],
    }),
    `error Patient.name[0].extension[0]: The extension ${structure}/humanname-mothers-family cannot be used here`,
  ],
  [
    'one of the patient on a contact',
    patient({
      contact: [
        {
          name: { text: 'x' },
          extension: [{ url: `${structure}/patient-birthPlace`, valueAddress: { text: '永安县' } }],
        },
      ],
    }),
    `error Patient.contact[0].extension[0]: The extension ${structure}/patient-birthPlace cannot be used here`,
  ],
  [
    'the id of two elements',
    patient({
      name: [
        { id: 'a', text: 'x' },
        { id: 'a', text: 'y' },
      ],
    }),
    'error Patient.name[1]: Several elements have the id "a"',
  ],
  [
    'an id with a space',
    patient({ name: [{ id: 'a b', text: 'x' }] }),
    'warning Patient.name[0]: The id of an element cannot have spaces',
  ],
  [
    'a size that is not that of the data',
    patient({ photo: [{ contentType: 'image/png', data: 'AAAA', size: 77 }] }),
    'error Patient.photo[0]: The size says 77, but the data have 3 bytes',
  ],
  [
    'a hash that is not that of the data',
    patient({ photo: [{ contentType: 'image/png', data: 'AAAA', hash: 'AAAA' }] }),
    'error Patient.photo[0]: The hash is not the SHA-1 of the data',
  ],
  [
    'a hash in hexadecimal digits, as an example of R4 has it',
    patient({ photo: [{ contentType: 'image/png', data: 'AAAA', hash: 'a'.repeat(40) }] }),
    'warning Patient.photo[0]: The hash is the SHA-1 of the data in base64',
  ],
  [
    'a required code that is only an extension',
    patient({ _gender: { extension: [{ url: `${structure}/data-absent-reason`, valueCode: 'unknown' }] } }),
    'error Patient.gender: A code from the value set http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1 is required here',
  ],
  [
    'a system without one of its codes',
    patient({
      maritalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus' }] },
    }),
    'error Patient.maritalStatus: There is no code of the code system',
  ],
  [
    'a unit of a system that is not absolute',
    observation({ valueQuantity: { value: 1, system: 'ucum', code: 'kg' } }),
    'error Observation.value: The system must be an absolute URI',
  ],
  [
    'a type of a reference that the element does not take',
    observation({
      subject: { reference: 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0001', type: 'Medication' },
    }),
    'error Observation.subject: A reference to Medication is not allowed here',
  ],
  [
    'a profile that is named without an address',
    patient({ meta: { profile: ['patient'] } }),
    'error Patient: Must be an absolute canonical URL',
  ],
  [
    'a questionnaire that is named relatively, as R4’s own examples do',
    { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'Questionnaire/1' },
    'warning QuestionnaireResponse.questionnaire: Must be an absolute canonical URL',
  ],
  [
    'a canonical of a definition of another type',
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://hl7.org/fhir/ValueSet/administrative-gender',
    },
    'warning QuestionnaireResponse.questionnaire: This is the URL of a ValueSet; expected is: Questionnaire',
  ],
])('%s', (_, resource, expected) => {
  expect(said(resource)).toContainEqual(expect.stringContaining(expected));
});

test.each<[string, Resource]>([
  ['a unit with an annotation', observation({ valueQuantity: quantity('{beats}/min') })],
  ['an arbitrary unit', observation({ valueQuantity: quantity('[iU]/L') })],
  ['a size that is right', patient({ photo: [{ contentType: 'image/png', data: 'AAAA', size: 3 }] })],
  [
    'an id that is in a contained resource too',
    patient({
      contained: [
        { resourceType: 'Organization', id: 'o', contact: [{ id: 'a', name: { text: 'x' } }], name: 'x' },
      ],
      managingOrganization: { reference: '#o' },
      name: [{ id: 'a', text: 'x' }],
    }),
  ],
  [
    'a questionnaire by its canonical URL',
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://example.org/fhir/Questionnaire/q|1',
    },
  ],
])('nothing is said of %s', (_, resource) => {
  expect(said(resource).filter((line) => !line.includes('dom-6'))).toEqual([]);
});
