import { Router } from 'express';
import type { GuideFiles } from '../../guide/thread.ts';
import { madeOnce } from './made-once.ts';
import { createPages } from './pages.ts';

/**
 * The guide, for all to read: as pages at `/docs`, and to take away, below the path of the API: `package.tgz`, the FHIR
 * package, and `schemas/[profile].json`, the JSON Schemas, `schemas/` their list.
 */
export function createGuide(path: string, version: string): Router {
  const files = madeOnce<GuideFiles>(new URL('../../guide/thread.ts', import.meta.url), version);
  const router = Router();
  router.use(createPages(path));
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
