import { buffer } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';
import { readDefinitions } from '../project.ts';
import { guideBase, guidePackage } from './guide.ts';
import { guideSchemas } from './schemas.ts';

/** What it gives: the package, and the schemas by their names, as they are served. */
export interface GuideFiles {
  package: Uint8Array;
  schemas: Readonly<Record<string, string>>;
}

/** The thread that makes the package and the schemas of the guide, which takes a second or two. It is given the version. */
const schemas = guideSchemas(readDefinitions(), guideBase);
const files: GuideFiles = {
  package: await buffer(guidePackage(schemas, workerData as string)),
  schemas: Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)]),
  ),
};
parentPort!.postMessage(files);
