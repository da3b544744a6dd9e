import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isResource, type Resource } from '../../fhir/resource.ts';
import { definitionFolders, project } from '../../project.ts';

/** An example as it is in its file. */
export interface Example {
  /** The folder and file below `examples/`: `valid/01-routine-up-hypertension`. */
  name: string;
  text: string;
}

/** What the pages are made from: the definitions of the project's folders, and the examples. */
export interface Source {
  resources(type: string): Resource[];
  find(type: string, id: string): Resource | undefined;
  /** The definition with a canonical URL, where it is the project's own. */
  byUrl(url: string): Resource | undefined;
  examples: readonly Example[];
}

/** Folders of examples, in the order in which they are shown. */
export const exampleFolders = [
  'valid',
  'invalid',
  'story',
  'steps',
  'refused-steps',
  'messages',
  'registers',
  'county',
] as const;

/** Reads the definitions and examples from the folders of the project. */
export function readSource(): Source {
  const resources = definitionFolders.flatMap((folder) =>
    jsonFiles(folder).map(
      (file) => JSON.parse(readFileSync(join(project, folder, file), 'utf8')) as Resource,
    ),
  );
  const byUrl = new Map(resources.map((resource) => [resource.url, resource]));
  return {
    resources: (type) => resources.filter(({ resourceType }) => resourceType === type),
    find: (type, id) => resources.find((resource) => resource.resourceType === type && resource.id === id),
    byUrl: (url) => byUrl.get(url.split('|', 1)[0]),
    examples: [
      { name: 'community', text: readExample('community') },
      ...exampleFolders.flatMap((folder) =>
        jsonFiles(join('examples', folder)).map((file) => {
          const name = `${folder}/${file.slice(0, -'.json'.length)}`;
          return { name, text: readExample(name) };
        }),
      ),
    ],
  };
}

/** The resource that an example is; undefined for a sequence of requests. */
export function resourceOf({ text }: Example): Resource | undefined {
  const value: unknown = JSON.parse(text);
  return isResource(value) ? value : undefined;
}

function readExample(name: string): string {
  return readFileSync(join(project, 'examples', `${name}.json`), 'utf8');
}

function jsonFiles(folder: string): string[] {
  return readdirSync(join(project, folder))
    .filter((file) => file.endsWith('.json'))
    .sort();
}
