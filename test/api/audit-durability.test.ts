import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';

// Processes start slowly on a machine that is busy.
jest.setTimeout(120_000);

const project = fileURLToPath(new URL('../../', import.meta.url));
const engines = mongodbUri() ? ['embedded', 'MongoDB'] : ['embedded'];

describe.each(engines)('the audit of a server on the %s engine', (engine) => {
  let environment: Record<string, string>;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-audit-'));
    environment = {
      AUTH: 'off',
      AUDIT: 'on',
      DATA_DIR: folder,
      MONGODB_URI: engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : '',
    };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a command of the audit and gives its exit code and what it printed. */
  async function audit(...parts: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const run = promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'src/audit.ts', ...parts],
      { cwd: project, env: { ...process.env, NODE_OPTIONS: '', ...environment } },
    );
    return run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  }

  async function started(
    more: Record<string, string> = {},
  ): Promise<{ server: ServerProcess; base: string }> {
    const server = startProcess('src/main.ts', { ...environment, ...more });
    const base = await baseOf(server);
    for (let status = 503; status !== 200; )
      ({ status } = await request(new URL(base).origin).get('/readyz'));
    return { server, base };
  }

  async function stopped({ child, gone }: ServerProcess): Promise<void> {
    child.kill('SIGTERM');
    await gone;
  }

  const requestsIn = (events: string) =>
    events
      .split('\n')
      .filter(Boolean)
      .flatMap((line) => JSON.parse(line).entity)
      .flatMap(({ what }: { what?: { identifier?: { value: string } } }) => what?.identifier?.value ?? []);

  test('no access that was answered is lost when the process is killed, and none is there twice', async () => {
    const { server, base } = await started();
    const ids = Array.from({ length: 60 }, (_, n) => `killed-${n}`);
    await Promise.all(ids.map((id) => request(base).get('/Patient/li').set('X-Request-Id', id).expect(404)));
    server.child.kill('SIGKILL');
    await server.gone;
    // The last record may be torn.
    const [journal] = readdirSync(folder).filter((name) => name.endsWith('.journal'));
    appendFileSync(join(folder, journal!), '{"at":17');

    const again = await started();
    // A second end, with the first journal already in the log.
    again.server.child.kill('SIGKILL');
    await again.server.gone;
    await stopped((await started()).server);

    const { stdout } = await audit('export');
    expect(
      requestsIn(stdout)
        .filter((id) => id.startsWith('killed-'))
        .sort(),
    ).toEqual(ids.sort());
    expect((await audit('verify')).code).toBe(0);
    expect(readdirSync(folder).filter((name) => /journal|audit.*lock/.test(name))).toEqual([]);
  });

  test('it is verified, exported by time, and pruned by a command, while the server runs', async () => {
    const { server, base } = await started();
    for (const id of ['a', 'b', 'c']) await request(base).get(`/Patient/${id}`).set('X-Request-Id', id);
    await request(base).get('/AuditEvent?_count=1').expect(200);

    const { stdout: events } = await audit('export', '--from', '2020-01-01');
    expect(requestsIn(events).slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect((await audit('export', '--to', '2020-01-01')).stdout).toBe('');
    expect((await audit('verify')).stdout).toMatch(
      /^\d+ records are as they were written; the log ends with record \d+, hash \S{44}\n$/,
    );
    expect((await audit('prune', '--days', '30')).stdout).toBe('No batch is older than 30 days\n');
    expect(await audit('verify', '--witness', '1:x')).toMatchObject({ code: 2 });
    expect(await audit('burn')).toMatchObject({ code: 2, stderr: expect.stringContaining('npm run audit') });

    // What a command has written, the server goes on from.
    await request(base).get('/Patient/d').set('X-Request-Id', 'd');
    await stopped(server);
    expect((await audit('verify')).code).toBe(0);
  });

  if (engine === 'embedded')
    test('tampering is told with its place, and the command ends with 1', async () => {
      const { server, base } = await started();
      await request(base).get('/Patient/li');
      await stopped(server);
      const database = new DatabaseSync(join(folder, 'audit.sqlite'));
      database.exec(`UPDATE batches SET lines = replace(lines, 'Patient/li', 'Patient/wu')`);
      database.close();
      expect(await audit('verify')).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^TAMPERED at record 1, batch 1: /),
      });
    });

  if (engine === 'embedded')
    test('where it cannot be written nothing is granted, readiness says so, and it goes on when it can', async () => {
      const { server, base } = await started();
      const origin = new URL(base).origin;
      const li = { resourceType: 'Patient', id: 'li' };
      await request(base).put('/Patient/li').send(li).expect(201);
      const database = new DatabaseSync(join(folder, 'audit.sqlite'));
      database.exec('BEGIN IMMEDIATE; ALTER TABLE batches RENAME TO away; COMMIT');
      await request(base).put('/Patient/li').send(li).expect(503);
      const refused = await request(base).get('/Patient/li').expect(503);
      expect(refused.body.issue[0].details.text).toMatch(/recorded/);
      const { body } = await request(origin).get('/readyz').expect(503);
      expect(body.status).toMatch(/recorded/);
      database.exec('ALTER TABLE away RENAME TO batches');
      database.close();
      for (let status = 503; status !== 200; ) ({ status } = await request(origin).get('/readyz'));
      await request(base).get('/Patient/li').expect(200);
      expect(server.output.stderr).toMatch(
        /Accesses cannot be recorded[^\n]*\n.*Accesses are recorded again/s,
      );
      await stopped(server);
      expect((await audit('verify')).code).toBe(0);
    });
});
