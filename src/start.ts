import cluster from 'node:cluster';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readSettings } from './settings.ts';

/**
 * What Node.js has made of each source file is kept for the next start, which takes half a second less by that: beside the
 * packages, since whoever can write there can change the server anyway. Where that is not allowed, nothing is kept.
 */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

/**
 * What `npm start` runs. The process that starts several others (`WORKERS`) serves nobody, so it loads nothing of what
 * they serve with: a third of the memory, and a second sooner.
 */
if (cluster.isPrimary && workers() > 1)
  await (await import('./workers/run.ts')).runWorkers(readSettings(process.env));
else await (await import('./main.ts')).serve();

/** How many processes are to serve; a setting that is wrong is told by whoever serves. */
function workers(): number {
  try {
    return readSettings(process.env).workers;
  } catch {
    return 1;
  }
}
