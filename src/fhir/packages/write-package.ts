import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Resource } from '../resource.ts';

/** What a package says of itself (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification). */
export interface PackageManifest {
  name: string;
  version: string;
  title: string;
  description: string;
  canonical: string;
  url: string;
  author: string;
  license: string;
  /** `YYYYMMDDHHMMSS` */
  date: string;
}

/** What a package holds: the resources of the guide, its examples, and files of other kinds by their names. */
export interface PackageContent {
  resources: readonly Resource[];
  examples: readonly Resource[];
  /** JSON by name, e.g. `schemas/patient.json`. */
  others: Readonly<Record<string, unknown>>;
}

/** The instant that all files of a package carry, so that the same content is the same package. */
const unchanging = new Date('2000-01-01T00:00:00Z');

/**
 * A FHIR package as a gzipped tar: `package/` with the manifest, an index and the resources, `package/example/` with the
 * examples, and beside them what else there is. The same content gives the same bytes.
 */
export function writePackage(
  manifest: PackageManifest,
  { resources, examples, others }: PackageContent,
): Readable {
  const tar = pack();
  const add = (name: string, value: unknown) =>
    tar.entry({ name: `package/${name}`, mtime: unchanging }, `${JSON.stringify(value, null, 2)}\n`);
  add('package.json', manifestOf(manifest));
  add('.index.json', indexOf(resources));
  for (const resource of resources) add(fileName(resource), resource);
  add('example/.index.json', indexOf(examples));
  for (const example of examples) add(`example/${fileName(example)}`, example);
  for (const [name, value] of Object.entries(others)) add(name, value);
  tar.finalize();
  return tar.pipe(createGzip({ level: 9 }));
}

function manifestOf({ date, ...manifest }: PackageManifest): Record<string, unknown> {
  return {
    ...manifest,
    date,
    type: 'IG',
    fhirVersions: ['4.0.1'],
    'fhir-version-list': ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    directories: { lib: 'package', example: 'example' },
  };
}

/** What tools look resources up by without opening each file. */
function indexOf(resources: readonly Resource[]) {
  return {
    'index-version': 2,
    files: resources.map((resource) => {
      const { resourceType, id, url, version, kind, type, supplements, content } = resource;
      const said = { id, url, version, kind, type, supplements, content };
      return {
        filename: fileName(resource),
        resourceType,
        ...Object.fromEntries(Object.entries(said).filter(([, value]) => typeof value === 'string')),
      };
    }),
  };
}

function fileName({ resourceType, id }: Resource): string {
  return `${resourceType}-${id}.json`;
}
