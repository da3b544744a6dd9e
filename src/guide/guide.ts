import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Schema } from '../fhir/json-schema/schema.ts';
import { type PackageManifest, writePackage } from '../fhir/packages/write-package.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import { definitionFolders, project } from '../project.ts';
import { implementationGuide } from './implementation-guide.ts';

/** The canonical base of what the guide defines. */
export const guideBase = 'https://w3id.org/zhuanzhen';

/** Examples that can be sent as they are. */
const exampleFolders = ['valid', 'invalid', 'messages'];

/**
 * The whole guide as a FHIR package: profiles with their snapshots, terminology, search parameters, operations, rules,
 * examples and JSON Schemas, as they are in the folders of the project.
 *
 * @param schemas by their names; see `guideSchemas`
 * @param version of the project
 */
export function guidePackage(schemas: Readonly<Record<string, Schema>>, version: string): Readable {
  const resources = definitionFolders.flatMap((each) => resourcesIn(join(project, each)));
  const examples = [
    ...resourcesIn(join(project, 'examples'), 'example'),
    ...exampleFolders.flatMap((each) => resourcesIn(join(project, 'examples', each), each)),
  ];
  const manifest: PackageManifest = {
    name: 'zhuanzhen.referral',
    version,
    title: '县域医共体双向转诊 / Two-way referral in a county medical community',
    description:
      'FHIR R4 profiles, terminology, rules and operations for referrals between the hospitals, township health centres and village clinics of a county medical community',
    canonical: guideBase,
    url: guideBase,
    author: 'Zhuanzhen',
    license: 'Apache-2.0',
    date: newest(resources),
  };
  return writePackage(manifest, {
    resources: [implementationGuide(manifest, resources, examples), ...resources],
    examples,
    others: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [`schemas/${name}.json`, schema]),
    ),
  });
}

/** The resources of a folder. Examples are known by their files: as what is sent, they need no id of their own. */
function resourcesIn(folder: string, examples?: string): Resource[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const resource: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      if (!isResource(resource)) return [];
      const name = basename(file, '.json');
      return [examples === undefined ? resource : { ...resource, id: `${examples}-${name}` }];
    });
}

/** The date of the newest definition, as a package has it. */
function newest(resources: readonly Resource[]): string {
  const dates = resources.flatMap(({ date }) => (typeof date === 'string' ? date.slice(0, 10) : []));
  return `${dates.sort().at(-1)!.replaceAll('-', '')}000000`;
}
