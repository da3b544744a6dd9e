import cluster from 'node:cluster';
import { readSettings } from './settings.ts';

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
