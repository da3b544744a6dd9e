import { Worker } from 'node:worker_threads';
import { Router } from 'express';
import type { GuideFiles } from '../../guide/thread.ts';

/**
 * The guide to take away, below the path of the API: `package.tgz`, the FHIR package, and `schemas/[profile].json`, the
 * JSON Schemas, `schemas/` their list. For all to read. Made when first asked for, beside the thread that serves, and kept
 * as long as the server runs.
 */
export function createGuide(path: string, version: string): Router {
  let made: Promise<GuideFiles> | undefined;
  const files = () => {
    made ??= make(version).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  const router = Router();
  router.get(`${path}/package.tgz`, async (_, response) => {
    const { package: bytes } = await files();
    response.set('Cache-Control', 'public, max-age=3600').type('application/gzip').send(Buffer.from(bytes));
  });
  router.get(`${path}/schemas`, async (_, response) => {
    const { schemas } = await files();
    response.json(Object.keys(schemas).map((name) => `${path}/schemas/${name}.json`));
  });
  router.get(`${path}/schemas/:name.json`, async ({ params }, response, next) => {
    const { schemas } = await files();
    const schema = Object.hasOwn(schemas, params.name) ? schemas[params.name] : undefined;
    if (schema === undefined) next();
    else response.set('Cache-Control', 'public, max-age=3600').type('application/schema+json').send(schema);
  });
  return router;
}

function make(workerData: string): Promise<GuideFiles> {
  const { promise, resolve, reject } = Promise.withResolvers<GuideFiles>();
  const worker = new Worker(new URL('../../guide/thread.ts', import.meta.url), { workerData });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('The guide could not be made')));
  worker.unref();
  return promise;
}
