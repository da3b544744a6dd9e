import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { keepLogged } from './logs.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

const running = new Set<ChildProcess>();

// A test that fails in the middle leaves no server behind.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a person starts: the server, or the server with the examples. */
export type Script = 'src/main.ts' | 'src/start.ts' | 'src/demo.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when it has printed something that matches, and gives the match; throws when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code once it is gone; null when a signal ended it. */
  readonly gone: Promise<number | null>;
}

/** Starts a server of one process with these variables, on a free port, unless they say otherwise. It may not be listening yet. */
export function startProcess(
  script: Script,
  environment: Record<string, string>,
  ...options: string[]
): ServerProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...options], {
    cwd: project,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      MONGODB_URI: '',
      PORT: '0',
      AUTH: 'off',
      WORKERS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const gone = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });

  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      // What it tells people, such as a story, is no log.
      if (name === 'stderr') keepLogged(text);
      for (const look of waiting) look();
    });
  }
  return {
    child,
    output,
    gone,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
          if (match) resolve(match);
          return match !== null;
        };
        if (look()) return;
        waiting.add(look);
        void gone.then((code) => reject(new Error(`It ended with ${code}: ${output.stderr}`)));
      }),
  };
}

/** The URL of the API of a server process that logs at level info, once it is listening. */
export async function baseOf(server: ServerProcess): Promise<string> {
  const [, base] = await server.printed(/"base":"([^"]+)"[^\n]*"msg":"listening"/);
  return base!;
}
