import type { Definitions } from '../fhir/definitions/definitions.ts';
import { exactly } from '../fhir/json-schema/fixed.ts';
import { dialect, type Schema, when } from '../fhir/json-schema/schema.ts';
import { createStructureSchemas } from '../fhir/json-schema/structure-schema.ts';
import type { Resource } from '../fhir/resource.ts';
import { createValueSets, type ValueSets } from '../fhir/validation/value-sets.ts';
import { codeSystems, profiles } from '../referral/vocabulary.ts';
import { createRuleSchemas } from './rule-schemas.ts';

/** What a referral is sent with; of other types the bundle's schema says no more than that they are resources. */
const typesOfReferral = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'Condition',
  'Consent',
  'Coverage',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'HealthcareService',
  'ImagingStudy',
  'List',
  'Location',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Organization',
  'OrganizationAffiliation',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'QuestionnaireResponse',
  'RelatedPerson',
  'ServiceRequest',
  'Task',
] as const;

const referralBundle = 'referral-bundle';

/**
 * JSON Schemas (2020-12) of the project's profiles of resources, by id, and of the transaction that a referral is sent
 * as, `referral-bundle`: for who checks in a language that has no FHIR validator. Each stands by itself. They refuse nothing
 * that the server accepts, and cannot see all that it refuses.
 */
export function guideSchemas(definitions: Definitions, guideBase: string): Record<string, Schema> {
  const own = definitions
    .all<Resource>('StructureDefinition')
    .filter(({ url, kind }) => kind === 'resource' && String(url).startsWith(guideBase));
  const rulesOf = createRuleSchemas(definitions);
  // Each value set is expanded once for all of them.
  const known = { definitions, sets: createValueSets(definitions) };
  return Object.fromEntries([
    ...own.map(({ id, url, title }) => [
      id!,
      standalone(guideBase, id!, title, known, (of) => withRules(String(url), of(String(url)), rulesOf)),
    ]),
    [
      referralBundle,
      standalone(guideBase, referralBundle, '转诊提交 / A referral as it is sent', known, (of, type) =>
        bundleSchema(of, type, rulesOf),
      ),
    ],
  ]);
}

/** The type whose rules hold wherever a profile does. */
const ruledBy: Readonly<Record<string, string>> = {
  [profiles.referral]: 'ServiceRequest',
  [profiles.upReferral]: 'ServiceRequest',
  [profiles.downReferral]: 'ServiceRequest',
  [profiles.task]: 'Task',
};

function withRules(url: string, schema: Schema, rulesOf: (type: string) => Schema): Schema {
  const type = ruledBy[url];
  return type === undefined ? schema : { allOf: [schema, rulesOf(type)] };
}

function standalone(
  guideBase: string,
  id: string,
  title: unknown,
  { definitions, sets }: { definitions: Definitions; sets: ValueSets },
  write: (of: (url: string) => Schema, typeNamed: (name: string) => Schema) => Schema,
): Schema {
  const schemas = createStructureSchemas(definitions, sets);
  const written = write(schemas.of, schemas.type);
  return {
    $schema: dialect,
    $id: `${guideBase}/schema/${id}.json`,
    title,
    ...written,
    $defs: schemas.types(),
  };
}

/** The parts of a referral that profiles speak of are held to them; a bundle can hold other requests and tasks as well. */
function bundleSchema(
  of: (url: string) => Schema,
  type: (name: string) => Schema,
  rulesOf: (type: string) => Schema,
): Schema {
  const hasDirection = (...codes: string[]) => ({
    properties: {
      resourceType: exactly('ServiceRequest'),
      category: {
        contains: {
          properties: {
            coding: {
              contains: {
                required: ['system', 'code'],
                properties: { system: exactly(codeSystems.direction), code: { enum: codes } },
              },
            },
          },
          required: ['coding'],
        },
      },
    },
    required: ['resourceType', 'category'],
  });
  const isA = (name: string) => ({ properties: { resourceType: exactly(name) }, required: ['resourceType'] });
  const isReferralTask = {
    properties: {
      resourceType: exactly('Task'),
      meta: { properties: { profile: { contains: exactly(profiles.task) } }, required: ['profile'] },
    },
    required: ['resourceType', 'meta'],
  };
  const bundle = of('http://hl7.org/fhir/StructureDefinition/Bundle');
  const entry = {
    properties: {
      resource: {
        allOf: [
          ...typesOfReferral.map((name) => when(isA(name), type(name))),
          ...['Condition', 'Observation', 'DiagnosticReport', 'Patient'].map((name) =>
            when(isA(name), rulesOf(name)),
          ),
          when(hasDirection('up', 'down', 'lateral'), rulesOf('ServiceRequest')),
          when(isReferralTask, rulesOf('Task')),
          when(hasDirection('up'), of(profiles.upReferral)),
          when(hasDirection('down'), of(profiles.downReferral)),
          when(hasDirection('lateral'), of(profiles.referral)),
          when(isReferralTask, of(profiles.task)),
        ],
      },
    },
    required: ['request'],
  };
  return {
    allOf: [
      bundle,
      {
        properties: { type: exactly('transaction'), entry: { type: 'array', items: entry, minItems: 1 } },
        required: ['type', 'entry'],
      },
    ],
  };
}
