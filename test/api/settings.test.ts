import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../environment/mongodb.ts';
import { baseOf, startProcess } from '../environment/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-settings-'));
const file = join(folder, 'a-file');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['0.0.0.0', '::', '192.0.2.1', 'localhost.example', '127.0.0.1.example'])(
  'without access control the server does not listen at %s, which others reach',
  async (host) => {
    const server = startProcess('src/main.ts', { DATA_DIR: join(folder, 'open'), AUTH: 'off', HOST: host });
    expect(await server.gone).toBe(1);
    expect(server.output.stderr).toBe(
      `HOST takes with AUTH=off nothing but a loopback address such as 127.0.0.1, but got "${host}"\n`,
    );
  },
);

test.each([
  ['PORT', 'eighty', 'a whole number from 0 to 65535'],
  ['HOST', 'no-such-host.invalid', 'an address of this machine'],
  ['DATA_DIR', file, 'a folder to keep the data in'],
  ['MONGODB_URI', 'mongodb://host:port', 'a MongoDB connection string'],
  ['AUTH', 'maybe', 'one of on, off'],
  ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace, silent'],
])(
  'a wrong %s stops the start, and the message says what it takes and what it got',
  async (name, given, takes) => {
    const server = startProcess('src/main.ts', {
      DATA_DIR: join(folder, 'data'),
      LOG_LEVEL: 'silent',
      // Without access control no such host would be asked for.
      AUTH: name === 'HOST' ? 'on' : 'off',
      [name]: given,
    });
    expect(await server.gone).toBe(1);
    expect(server.output.stderr.startsWith(`${name} takes ${takes}`)).toBe(true);
    expect(server.output.stderr.endsWith(`, but got "${given}"\n`)).toBe(true);
  },
);

test('a password does not get into the message', async () => {
  const server = startProcess('src/main.ts', { MONGODB_URI: 'mongo://county:secret@db.example/zhuanzhen' });
  expect(await server.gone).toBe(1);
  expect(server.output.stderr).toContain('but got "mongo://***@db.example/zhuanzhen"');
});

test('a port that is taken stops the start', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  const server = startProcess('src/main.ts', { PORT: String(port), DATA_DIR: join(folder, 'taken') });
  expect(await server.gone).toBe(1);
  expect(server.output.stderr).toContain(`PORT takes a port that is not taken, but got "${port}"`);
  other.close();
});

test('the server tells where it listens, answers there, and stops cleanly on SIGTERM', async () => {
  const server = startProcess('src/main.ts', { DATA_DIR: join(folder, 'new', 'data') });
  const base = await baseOf(server);
  const answer = await fetch(`${base}/metadata`);
  expect(((await answer.json()) as { implementation: { url: string } }).implementation.url).toBe(base);
  server.child.kill('SIGTERM');
  expect(await server.gone).toBe(0);
});
