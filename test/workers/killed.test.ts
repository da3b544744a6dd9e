import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import { engines } from '../environment/server.ts';
import { type Line, type ManyProcesses, startMany } from '../environment/workers.ts';

// Servers are started, on machines that may be busy.
jest.setTimeout(180_000);

const project = fileURLToPath(new URL('../../', import.meta.url));
const clients = 8;
/** So much is acknowledged before a process is killed, and after it. */
const enough = 60;

let many: ManyProcesses | undefined;
afterEach(() => many?.end());

test.each(engines)(
  'on the %s engine, a process that is killed under load is replaced, the others answer, and nothing acknowledged is lost',
  async (engine) => {
    many = await startMany(engine, 2, { AUDIT: 'on' });
    const { pids, server, line, environment } = many;
    const acknowledged: string[] = [];
    const cut: string[] = [];
    const doomed = pids()[0]!;
    let isKilled = false;
    let next = 0;

    /** One client: what is cut off it sends again, on a new connection, under the same condition. */
    async function client(): Promise<void> {
      let own: Line = line();
      while (acknowledged.length < 2 * enough) {
        const value = `killed-${next++}`;
        for (;;) {
          try {
            const { status } = await own.send(
              'POST',
              'Patient',
              { resourceType: 'Patient', identifier: [{ system: 'urn:oid:1.2.3.4', value }] },
              { 'If-None-Exist': `identifier=urn:oid:1.2.3.4|${value}` },
            );
            // What the killed process had begun may still be in the way.
            if (status === 409 || status === 503) continue;
            expect([200, 201]).toContain(status);
            acknowledged.push(value);
            break;
          } catch (error) {
            if (!(error as NodeJS.ErrnoException).code) throw error;
            cut.push(value);
            own.close();
            own = line();
          }
        }
        if (acknowledged.length < enough || isKilled) continue;
        isKilled = true;
        process.kill(doomed, 'SIGKILL');
      }
    }
    await Promise.all(Array.from({ length: clients }, client));
    // Only who was at the one that was killed was cut off, each at most once.
    expect(cut.length).toBeLessThanOrEqual(clients);
    expect(new Set(cut).size).toBe(cut.length);

    await server.printed(new RegExp(`"ended":${doomed},[^]*"msg":"a server process listens"`));
    expect(pids()).toHaveLength(2);
    expect(pids()).not.toContain(doomed);
    const [one, other] = [line(), line()];
    for (const value of acknowledged) {
      const found = await one.send('GET', `Patient?identifier=urn:oid:1.2.3.4|${value}&_total=accurate`);
      expect(found.body.total).toBe(1);
    }
    expect((await other.send('GET', 'Patient?_summary=count')).body.total).toBe(acknowledged.length);

    server.child.kill('SIGTERM');
    expect(await server.gone).toBe(0);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'src/audit.ts', 'verify'],
      { cwd: project, env: { ...process.env, NODE_OPTIONS: '', ...environment } },
    );
    expect(stdout).toMatch(/^\d+ records are as they were written/);
  },
);

test('all processes end with the one that has started them, however that ends', async () => {
  many = await startMany('embedded', 2);
  const { pids, server } = many;
  const served = pids();
  server.child.kill('SIGKILL');
  await server.gone;
  const isThere = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (served.some(isThere)) await new Promise((resolve) => setImmediate(resolve));
});

test('a stop answers what has begun, and ends them all', async () => {
  many = await startMany('embedded', 2);
  const lines = [many.line(), many.line()];
  for (const line of lines) await line.send('GET', 'metadata?_summary=true');
  const begun = lines.flatMap((line) =>
    Array.from({ length: 5 }, () => line.send('POST', 'Patient', { resourceType: 'Patient' })),
  );
  await Promise.race(begun);
  many.server.child.kill('SIGTERM');
  const last = await Promise.allSettled(begun);
  const answered = last.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(answered.length).toBeGreaterThanOrEqual(2);
  for (const { status, headers } of answered.slice(-2)) {
    expect(status).toBe(201);
    expect(headers.connection).toBeDefined();
  }
  expect(await many.server.gone).toBe(0);
  await expect(fetch(`${many.base}/metadata`)).rejects.toThrow();
});
