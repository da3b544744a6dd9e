import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Settings } from '../../src/settings.ts';
import { boundYoungGeneration } from '../../src/young-generation.ts';

/** A server of one process, this one, or of several that this one has started. */
export interface Launched {
  base: string;
  /** User and system time of all of its processes so far, in seconds. */
  usage(): number;
  stop(): Promise<void>;
}

/** Starts a server as `npm start` runs it, and waits until it is ready. */
export async function launch(settings: Settings, log: Logger): Promise<Launched> {
  const launched = settings.workers > 1 ? await several(settings, log) : await one(settings, log);
  while (!(await fetch(new URL('/readyz', launched.base))).ok);
  return launched;
}

async function one(settings: Settings, log: Logger): Promise<Launched> {
  boundYoungGeneration();
  const { start } = await import('../../src/main.ts');
  const { base, stop } = await start(settings, log);
  return { base, stop, usage: ownUsage };
}

async function several({ workers: count, rateLimit }: Settings, log: Logger): Promise<Launched> {
  const { startWorkers } = await import('../../src/workers/primary.ts');
  const { createCounts } = await import('../../src/workers/counts.ts');
  cluster.setupPrimary({ exec: fileURLToPath(new URL('../../src/main.ts', import.meta.url)) });
  const counts = createCounts({ rateLimit, now: Date.now });
  const { started, complete, stop } = startWorkers({ count, counts, engine: '', log });
  await complete;
  const pids = () => Object.values(cluster.workers!).map((worker) => worker!.process.pid!);
  const usage = () => pids().reduce((sum, pid) => sum + usageOf(pid), ownUsage());
  return { base: await started, stop, usage };
}

function ownUsage(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What a process has used, in seconds: Linux counts in hundredths (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html). */
function usageOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
