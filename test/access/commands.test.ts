import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../environment/mongodb.ts';
import { startProcess } from '../environment/server-process.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Servers and commands are processes of their own, on machines that may be busy: in milliseconds. */
const patience = 240_000;

test(
  'clients and people are registered by commands, while the server runs or not, and shown out again',
  async () => {
    const port = await freePort();
    const environment = { AUTH: 'on', PORT: String(port), DATA_DIR: join(folder, 'data') };
    const base = `http://localhost:${port}/fhir`;
    const run = async (command: string, ...given: string[]) => {
      const options = {
        cwd: project,
        env: { ...process.env, NODE_OPTIONS: '', MONGODB_URI: '', ...environment },
      };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [`src/cli/${command}.ts`, ...given],
        options,
      );
      return stdout;
    };
    const ask = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${base}/${path}`, { headers })).status;
    const key = join(folder, 'admin.json');

    // No server is running yet.
    const first = ['--id', 'admin', '--name', '管理员', '--role', 'administrator', '--make-key', key];
    expect(await run('client', 'add', ...first)).toBe('client_id: admin\n');
    expect(statSync(key).mode & 0o777).toBe(0o600);

    const server = startProcess('src/main.ts', { ...environment, LOG_LEVEL: 'info' });
    await server.printed(/"msg":"listening"/);
    await server.printed(/npm run client -- add/);
    const token = (await run('token', '--client', 'admin', '--key', key)).trim();
    const admin = { Authorization: `Bearer ${token}` };
    expect(await ask('Device', admin)).toBe(200);

    const added = await run(
      'client',
      'add',
      '--id',
      'old',
      '--name',
      'LIS',
      '--role',
      'platform',
      '--api-key',
    );
    const apiKey = /^api_key: (\S+)$/m.exec(added)![1]!;
    const rotated = await run('client', 'rotate', 'old', '--api-key', '--overlap-days', '1');
    const nextKey = /^api_key: (\S+)$/m.exec(rotated)![1]!;
    expect(await ask('Organization', { 'X-Api-Key': apiKey })).toBe(200);
    expect(await ask('Organization', { 'X-Api-Key': nextKey })).toBe(200);
    expect(await run('client', 'list')).toMatch(
      /^admin\tactive\t.*\nold\tactive\tLIS\t-\tplatform\tapi-key until/,
    );
    await run('client', 'revoke', 'old');
    expect(await ask('Organization', { 'X-Api-Key': nextKey })).toBe(401);
    await expect(run('client', 'add', ...first)).rejects.toThrow('Device/admin is there already');
    await expect(run('client', 'add', '--name', 'x', '--role', 'referrer', '--api-key')).rejects.toThrow(
      'client-owner',
    );

    const practitioner = { resourceType: 'Practitioner', id: 'li-hui', active: true };
    const written = await fetch(`${base}/Practitioner/li-hui`, {
      method: 'PUT',
      headers: { ...admin, 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(practitioner),
    });
    expect(written.status).toBe(201);
    const person = ['--name', 'li.hui', '--practitioner', 'Practitioner/li-hui'];
    expect(await run('person', 'add', ...person)).toMatch(/^name: li\.hui\npassword: [\w-]{16}\n$/);
    expect(await run('person', 'list')).toBe('li.hui\tactive\tPractitioner/li-hui\n');
    await run('person', 'revoke', 'li.hui');
    expect(await run('person', 'list')).toBe('li.hui\trevoked\tPractitioner/li-hui\n');

    server.child.kill('SIGTERM');
    expect(await server.gone).toBe(0);
    expect(server.output.stdout + server.output.stderr).not.toMatch(/li\.hui|api_key|eyJ/);
  },
  patience,
);
