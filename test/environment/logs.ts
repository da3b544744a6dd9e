import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { namedIn } from './people-of-examples.ts';

/** Where all servers of a run of the tests log to: one file for each worker. */
const variable = 'TEST_LOGS';

/** Makes the folder, which the workers inherit. */
export function beginLogs(): void {
  process.env[variable] = mkdtempSync(join(tmpdir(), 'zhuanzhen-test-logs-'));
}

let log: Logger | undefined;

/** The log of a server that a test starts: it tells most, and what it tells is looked through when all tests have run. */
export function testLog(): Logger {
  const folder = process.env[variable];
  if (folder === undefined) return pino({ level: 'silent' });
  log ??= pino({ level: 'trace' }, pino.destination({ dest: fileIn(folder), append: true, sync: true }));
  return log;
}

/** Keeps what a server process has logged. */
export function keepLogged(text: string): void {
  const folder = process.env[variable];
  if (folder !== undefined) appendFileSync(fileIn(folder), text);
}

function fileIn(folder: string): string {
  return join(folder, `${process.pid}.log`);
}

/** Looks through all that was logged; throws where it names a person of the examples. */
export function endLogs(): void {
  const folder = process.env[variable];
  if (folder === undefined) return;
  const files = readdirSync(folder);
  const named = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return namedIn(text).map((each) => {
      const at = Math.max(text.indexOf(each), text.indexOf(encodeURIComponent(each)));
      return `${each}: ${text.slice(text.lastIndexOf('\n', at) + 1, at + 200)}`;
    });
  });
  rmSync(folder, { recursive: true });
  if (named.length > 0) throw new Error(`The logs of the tests name patients:\n${named.join('\n')}`);
}
