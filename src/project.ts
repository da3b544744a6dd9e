import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Definitions, loadDefinitions } from './fhir/definitions/definitions.ts';

/** The folder of this project. */
export const project = fileURLToPath(new URL('..', import.meta.url));

/** Its folders of definitions. */
export const definitionFolders = ['profiles', 'terminology'] as const;

/** R4's definitions, and those of this project's folders. */
export function readDefinitions(): Definitions {
  return loadDefinitions(definitionFolders.map((folder) => join(project, folder)));
}
