import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';
import { loadDefinitions } from '../fhir/definitions/definitions.ts';
import { definitionFolders, guideBase, guidePackage } from './guide.ts';
import { guideSchemas } from './schemas.ts';

/** What the thread is started with. */
export interface GuideTask {
  /** The project's. */
  folder: string;
  version: string;
}

/** What it gives: the package, and the schemas by their names, as they are served. */
export interface GuideFiles {
  package: Uint8Array;
  schemas: Readonly<Record<string, string>>;
}

/** The thread that makes the package and the schemas of the guide, which takes a second or two. */
const { folder, version } = workerData as GuideTask;
const definitions = loadDefinitions(definitionFolders.map((each) => join(folder, each)));
const files: GuideFiles = {
  package: await buffer(guidePackage(folder, definitions, version)),
  schemas: Object.fromEntries(
    Object.entries(guideSchemas(definitions, guideBase)).map(([name, schema]) => [
      name,
      JSON.stringify(schema),
    ]),
  ),
};
parentPort!.postMessage(files);
