import { fileURLToPath } from 'node:url';
import { Router } from 'express';

const own = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const swagger = (file: string) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`));

/** The files that the page needs, all of them from here: it works where there is no internet. */
const files: Record<string, string> = {
  '/docs/api': own('page.html'),
  '/docs/show.js': own('show.js'),
  '/docs/swagger-ui-bundle.js': swagger('swagger-ui-bundle.js'),
  '/docs/swagger-ui.css': swagger('swagger-ui.css'),
  '/docs/favicon-32x32.png': swagger('favicon-32x32.png'),
};

/** `/openapi.json`, and at `/docs/api` the page that shows it. */
export function createDocs(openApi: () => string): Router {
  const router = Router();
  router.get('/openapi.json', (_, response) => void response.type('application/json').send(openApi()));
  for (const [path, file] of Object.entries(files))
    router.get(path, (_, response) => response.sendFile(file, { dotfiles: 'allow' }));
  return router;
}
