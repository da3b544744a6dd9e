import { gunzipSync } from 'node:zlib';
import { type Request, type Response, Router } from 'express';
import { languages } from '../../guide/pages/language.ts';
import type { KeptFile } from '../../guide/pages/thread.ts';
import { madeOnce } from './made-once.ts';

/**
 * What a browser may do with a page of the guide: run and load what this server serves, ask this server, and nothing
 * else (https://www.w3.org/TR/CSP3).
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const below = new RegExp(`^/docs/(?:${languages.join('|')}|files)(?:/|$)`);

/**
 * The guide as pages: `/docs` leads to the language that the reader's browser prefers, `/docs/zh` and `/docs/en` are the
 * first pages. All are made before they are asked for, and sent compressed as they are kept.
 */
export function createPages(path: string): Router {
  const files = madeOnce<ReadonlyMap<string, KeptFile>>(
    new URL('../../guide/pages/thread.ts', import.meta.url),
    path,
  );
  const router = Router();
  router.get('/docs', (message, response) => {
    response.vary('Accept-Language').redirect(`/docs/${message.acceptsLanguages([...languages]) || 'en'}`);
  });
  router.get(below, async (message, response, next) => {
    const kept = await files();
    const file = kept.get(message.path.replace(/\/$/, ''));
    if (file) return send(message, response, file);
    const language = languages.find((each) => message.path.startsWith(`/docs/${each}/`));
    const missing = language && kept.get(`/docs/${language}/not-found`);
    if (missing) send(message, response.status(404), missing);
    else next();
  });
  return router;
}

function send(message: Request, response: Response, { type, gzip, tag }: KeptFile): void {
  response
    .set({ 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy, ETag: tag })
    .vary('Accept-Encoding')
    .type(type);
  if (message.fresh) {
    response.status(304).end();
    return;
  }
  if (!message.acceptsEncodings('gzip')) {
    response.send(gunzipSync(gzip));
    return;
  }
  response.set('Content-Encoding', 'gzip').send(Buffer.from(gzip));
}
