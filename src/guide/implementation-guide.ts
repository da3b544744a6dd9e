import { elements, string } from '../fhir/elements.ts';
import type { PackageManifest } from '../fhir/packages/write-package.ts';
import type { Resource } from '../fhir/resource.ts';

/**
 * The ImplementationGuide that a package is: its definitions, then its examples, by the groups in which people look for
 * them (http://hl7.org/fhir/R4/implementationguide.html).
 */
export function implementationGuide(
  { name, version, title, description, canonical, license, date }: PackageManifest,
  definitions: readonly Resource[],
  examples: readonly Resource[],
): Resource {
  const id = name;
  return {
    resourceType: 'ImplementationGuide',
    id,
    url: `${canonical}/ImplementationGuide/${id}`,
    version,
    name: 'Zhuanzhen',
    title,
    status: 'draft',
    date: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`,
    publisher: 'Zhuanzhen',
    description,
    packageId: name,
    license,
    fhirVersion: ['4.0.1'],
    definition: {
      grouping: groups.map(([id, , name]) => ({ id, name })),
      resource: [
        ...definitions.map((resource) => ({
          reference: { reference: `${resource.resourceType}/${resource.id}` },
          name: string(resource, 'title') ?? string(resource, 'name') ?? nameIn(resource),
          exampleBoolean: false,
          groupingId: groups.find(([, types]) => types.includes(resource.resourceType))![0],
        })),
        ...examples.map((resource) => ({
          reference: { reference: `${resource.resourceType}/${resource.id}` },
          name: resource.id!,
          exampleBoolean: true,
          groupingId: 'examples',
        })),
      ],
    },
  };
}

const terminology = ['CodeSystem', 'ValueSet', 'ConceptMap'];
const interfaces = ['OperationDefinition', 'SearchParameter', 'MessageDefinition', 'CapabilityStatement'];
const structures = ['StructureDefinition', 'Questionnaire'];

/** Each with the types that belong to it; the last but one has all others. */
const groups: readonly (readonly [id: string, types: { includes(type: string): boolean }, name: string])[] = [
  ['profiles', structures, '结构与表单 / Profiles and forms'],
  ['terminology', terminology, '术语 / Terminology'],
  ['interfaces', interfaces, '接口 / Interfaces'],
  [
    'rules',
    {
      includes: (type) => ![...structures, ...terminology, ...interfaces].includes(type),
    },
    '规则、时限与指标 / Rules, times and measures',
  ],
  ['examples', [], '示例 / Examples'],
];

/** What a resource without name or title is called: by the text of its code. */
function nameIn(resource: Resource): string {
  return string(elements(resource, 'code')[0], 'text') ?? `${resource.resourceType}/${resource.id}`;
}
