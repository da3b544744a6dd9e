import pino from 'pino';
import type { Settings } from '../settings.ts';
import { type Folder, takeFolder } from '../store/sqlite/folder.ts';
import { createCounts } from './counts.ts';
import { NotStarted, startWorkers } from './primary.ts';

/**
 * Runs a server of several processes as the settings say, and stops them all in order on Ctrl-C. Ends the process when it
 * cannot start. On the embedded engine this process has the folder of the data, for all of them.
 */
export async function runWorkers(settings: Settings): Promise<void> {
  const { workers: count, mongodbUri, dataDir, rateLimit, logLevel } = settings;
  const log = pino({ level: logLevel }, pino.destination({ fd: 2, sync: false }));
  let folder: Folder | undefined;
  let isEnding = false;
  const end = (code: number) => {
    folder?.close();
    process.exit(code);
  };
  try {
    folder = mongodbUri === undefined ? takeFolder(dataDir) : undefined;
    const counts = createCounts({ rateLimit, now: Date.now });
    const primary = startWorkers({ count, counts, engine: mongodbUri ? 'MongoDB' : 'embedded', log });
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (!isEnding) void primary.stop().then(() => end(0));
        isEnding = true;
      });
    await primary.started;
  } catch (error) {
    if (isEnding) return;
    if (!(error instanceof NotStarted))
      process.stderr.write(
        `DATA_DIR takes a folder to keep the data in (${(error as Error).message}), but got "${dataDir}"\n`,
      );
    end(1);
  }
}
