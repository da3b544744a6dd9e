import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import { collectWhenQuiet } from '../../src/quiet-collection.ts';
import { readSettings } from '../../src/settings.ts';
import { launch } from './launch.ts';

/** What the benchmark asks of the server's process. */
export type Question =
  | { ask: 'usage' }
  | { ask: 'delay' }
  | { ask: 'memory' }
  | { ask: 'profile' }
  | { ask: 'save'; file: string }
  | { ask: 'stop' };

/** What the process answers. */
export interface Reply {
  /** The URL of the API, told once it is ready. */
  base?: string;
  /** User and system time of the server so far, in seconds. */
  usage?: number;
  delay?: Delay;
  /** What memory is resident, in bytes. */
  memory?: number;
}

/** For how long the thread that serves was kept from its next turn since it was last asked, in milliseconds. */
export interface Delay {
  p99: number;
  longest: number;
  /** The part of the time in which it worked. */
  busy: number;
}

/** The server in a process of its own, as `npm start` runs it, that tells what it uses of the processor. */
const log = pino({ level: 'warn' }, pino.destination({ fd: 2 }));
const running = await launch(readSettings(process.env), log);
collectWhenQuiet();
reply({ base: running.base });

const resolution = 5;
const delays = monitorEventLoopDelay({ resolution });
delays.enable();
let since = { at: performance.now(), used: process.threadCpuUsage() };

const session = new Session();
process.on('disconnect', () => process.exit(1));
process.on('message', async (question: Question) => {
  switch (question.ask) {
    case 'usage':
      return reply({ usage: running.usage() });
    case 'memory':
      return reply({ memory: process.memoryUsage.rss() });
    case 'delay':
      return reply({ delay: delay() });
    case 'profile':
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      return reply({});
    case 'save': {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      writeFileSync(question.file, JSON.stringify(profile));
      return reply({});
    }
    case 'stop':
      await running.stop();
      process.exit(0);
  }
});

function delay(): Delay {
  const now = { at: performance.now(), used: process.threadCpuUsage() };
  const { user, system } = process.threadCpuUsage(since.used);
  const busy = (user + system) / 1_000 / (now.at - since.at);
  const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  const measured = { p99: beyond(delays.percentile(99)), longest: beyond(delays.max), busy };
  delays.reset();
  since = now;
  return measured;
}

function reply(message: Reply): void {
  process.send!(message);
}
