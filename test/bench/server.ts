import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { allocatorSettings } from '../../src/workers/allocator.ts';
import type { Delay, Question, Reply } from './server-process.ts';

/** A server under test, in a process of its own. */
export interface ServerUnderTest {
  base: string;
  /** User and system time that its process has used so far, in seconds. */
  usage(): Promise<number>;
  /** How the thread that serves has fared since it was last asked. */
  delay(): Promise<Delay>;
  /** What memory is resident, in bytes. */
  memory(): Promise<number>;
  /** Starts a profile of the processor; `save` ends it. */
  profile(): Promise<void>;
  save(file: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port of the loopback address, with these settings on top. Rejects when it does not start. */
export async function startServer(settings: Record<string, string>): Promise<ServerUnderTest> {
  const child = fork(fileURLToPath(new URL('./server-process.ts', import.meta.url)), {
    env: {
      ...allocatorSettings(process.env),
      AUTH: 'off',
      WORKERS: '1',
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      BASE_URL: 'http://127.0.0.1:0/fhir',
      ...settings,
    },
  });
  const { base } = await replyOf(child);
  const ask = (question: Question) => {
    const reply = replyOf(child);
    child.send(question);
    return reply;
  };
  return {
    base: base!,
    usage: async () => (await ask({ ask: 'usage' })).usage!,
    memory: async () => (await ask({ ask: 'memory' })).memory!,
    delay: async () => (await ask({ ask: 'delay' })).delay!,
    profile: async () => void (await ask({ ask: 'profile' })),
    save: async (file) => void (await ask({ ask: 'save', file })),
    stop: async () => {
      child.send({ ask: 'stop' } satisfies Question);
      await once(child, 'exit');
    },
  };
}

async function replyOf(child: ChildProcess): Promise<Reply> {
  const over = new AbortController();
  try {
    const ended = once(child, 'exit', { signal: over.signal }).then(([code]): never => {
      throw new Error(`The server ended with code ${code}`);
    });
    const [reply] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return reply as Reply;
  } finally {
    over.abort();
  }
}
