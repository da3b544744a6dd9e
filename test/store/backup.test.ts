import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { untilReadable } from '../environment/ready.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';

// Processes start slowly on a machine that is busy.
jest.setTimeout(240_000);

const project = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
let data: string;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-backup-'));
  data = join(folder, 'data');
  copy = join(folder, 'copies', 'today');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a command as a person at the server does; gives its exit code and what it has printed. */
async function run(script: string, args: readonly string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, NODE_OPTIONS: '', MONGODB_URI: '', ...environment };
  const run = promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, ...args],
    {
      cwd: project,
      env,
      // An audit is long to print.
      maxBuffer: 64_000_000,
    },
  );
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

const backUp = (environment?: Record<string, string>) =>
  run('src/cli/zhuanzhen.ts', ['backup', copy, '--data', data], environment);

async function started(on: string): Promise<{ server: ServerProcess; base: string }> {
  const server = startProcess('src/main.ts', { DATA_DIR: on, AUDIT: 'on' });
  const base = await baseOf(server);
  await untilReadable(base);
  return { server, base };
}

async function ended({ child, gone }: ServerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  child.kill(signal);
  await gone;
}

async function keep(base: string, id: string): Promise<void> {
  const headers = { 'Content-Type': 'application/fhir+json' };
  const body = JSON.stringify({ resourceType: 'Patient', id, gender: 'female' });
  expect((await fetch(`${base}/Patient/${id}`, { method: 'PUT', headers, body })).ok).toBe(true);
}

const idsOf = async (base: string) => {
  const { entry = [] } = (await (await fetch(`${base}/Patient?_count=1000`)).json()) as {
    entry?: { resource: { id: string } }[];
  };
  return new Set(entry.map(({ resource }) => resource.id));
};

/** Whose writes the audit on a folder tells of. */
async function recordedIn(on: string): Promise<string> {
  const verified = await run('src/audit.ts', ['verify'], { DATA_DIR: on });
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('are as they were written') });
  const exported = await run('src/audit.ts', ['export'], { DATA_DIR: on });
  expect(exported.code).toBe(0);
  return exported.stdout;
}

describe('a backup', () => {
  test('taken while a server is written to holds all that was answered before, with its audit, and a server starts on it', async () => {
    const { server, base } = await started(data);
    const before = Array.from({ length: 40 }, (_, n) => `before-${n}`);
    await Promise.all(before.map((id) => keep(base, id)));
    const during: string[] = [];
    let isOver = false;
    const writing = (async () => {
      // No more than are found on one page.
      for (let n = 0; !isOver && n < 900; n++) {
        await keep(base, `during-${n}`);
        during.push(`during-${n}`);
      }
    })();
    expect(await backUp()).toMatchObject({ code: 0, stdout: expect.stringContaining('zhuanzhen.sqlite') });
    isOver = true;
    await writing;
    // The server has not noticed: what it has taken meanwhile is there.
    expect([...(await idsOf(base))]).toEqual(expect.arrayContaining([...before, ...during]));
    await ended(server);

    const restored = join(folder, 'restored');
    cpSync(copy, restored, { recursive: true });
    const again = await started(restored);
    const ids = await idsOf(again.base);
    for (const id of before) expect(ids).toContain(id);
    // As of one moment: of what was written one after the other, none is missing before one that is there.
    const kept = [...ids].filter((id) => id.startsWith('during-'));
    expect(new Set(kept)).toEqual(new Set(kept.map((_, n) => `during-${n}`)));
    await keep(again.base, 'after');
    await ended(again.server);
    const recorded = await recordedIn(restored);
    // The last of them may not have been answered yet when it was copied.
    const answered = kept.slice(0, -1).map((_, n) => `during-${n}`);
    for (const id of [...before, ...answered, 'after']) expect(recorded).toContain(`Patient/${id}"`);
  });

  test('of a server that was killed holds what it had answered, and leaves its folder as it was', async () => {
    const { server, base } = await started(data);
    await Promise.all(['a', 'b', 'c'].map((id) => keep(base, id)));
    await ended(server, 'SIGKILL');
    expect(await backUp()).toMatchObject({ code: 0 });
    const restored = await started(copy);
    expect(await idsOf(restored.base)).toEqual(new Set(['a', 'b', 'c']));
    await ended(restored.server);
    const recorded = await recordedIn(copy);
    for (const id of ['a', 'b', 'c']) expect(recorded).toContain(`Patient/${id}"`);
    const again = await started(data);
    expect(await idsOf(again.base)).toEqual(new Set(['a', 'b', 'c']));
    await ended(again.server);
  });

  test('can be read by its owner alone, and is there as a whole or not at all', async () => {
    const { server, base } = await started(data);
    await keep(base, 'a');
    await ended(server);
    await backUp();
    expect(statSync(copy).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(copy))
      expect([name, statSync(join(copy, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(readdirSync(join(folder, 'copies'))).toEqual(['today']);
    // A backup never takes the place of another.
    expect(await backUp()).toMatchObject({ code: 1, stderr: expect.stringContaining(copy) });

    rmSync(copy, { recursive: true });
    writeFileSync(
      join(data, 'audit.sqlite'),
      'no database at all, but as long as the header of one would be'.repeat(9),
    );
    expect(await backUp()).toMatchObject({ code: 1 });
    expect(existsSync(copy)).toBe(false);
    expect(readdirSync(join(folder, 'copies'))).toEqual([]);
  });

  test('is refused where there are no data, or where their latest writes are missing', async () => {
    expect(await backUp()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(join(data, 'zhuanzhen.sqlite')),
    });
    const { server, base } = await started(data);
    await keep(base, 'a');
    await ended(server, 'SIGKILL');
    rmSync(join(data, 'zhuanzhen.sqlite-wal'));
    expect(await backUp()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('zhuanzhen.sqlite-wal'),
    });
    expect(existsSync(copy)).toBe(false);
  });

  test('of MongoDB is left to its own tools, which are named', async () => {
    const refused = await backUp({ MONGODB_URI: 'mongodb://127.0.0.1:27017/zhuanzhen' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('mongodump --oplog') });
    expect(existsSync(copy)).toBe(false);
  });
});
