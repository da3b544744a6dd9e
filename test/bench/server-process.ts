import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import pino from 'pino';
import { start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';

/** What the benchmark asks of the server's process. */
export type Question =
  | { ask: 'usage' }
  | { ask: 'profile' }
  | { ask: 'save'; file: string }
  | { ask: 'stop' };

/** What the process answers. */
export interface Reply {
  /** The URL of the API, told once it is ready. */
  base?: string;
  /** User and system time of this process so far, in seconds. */
  usage?: number;
}

/** The server in a process of its own, as `npm start` runs it, that tells what it uses of the processor. */
const running = await start(readSettings(process.env), pino({ level: 'warn' }, pino.destination({ fd: 2 })));
await untilReady(running.server.store);
reply({ base: running.base });

const session = new Session();
process.on('disconnect', () => process.exit(1));
process.on('message', async (question: Question) => {
  switch (question.ask) {
    case 'usage': {
      const { user, system } = process.cpuUsage();
      return reply({ usage: (user + system) / 1e6 });
    }
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

function reply(message: Reply): void {
  process.send!(message);
}
