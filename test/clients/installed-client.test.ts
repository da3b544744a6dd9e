import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { project } from '../../src/project.ts';
import { example, newReferral } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';

const run = promisify(execFile);
const compiler = join(project, 'node_modules/typescript/bin/tsc');

/** A project that has `zhuanzhen` in its node_modules, where Node runs no TypeScript: the client is built as `npm pack` does it. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-installed-'));
  const installed = join(folder, 'node_modules/zhuanzhen');
  mkdirSync(installed, { recursive: true });
  cpSync(join(project, 'package.json'), join(installed, 'package.json'));
  for (const name of ['@medplum', '@types', 'undici-types'])
    symlinkSync(join(project, 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  await run(process.execPath, [compiler, '-p', 'src/client', '--outDir', join(installed, 'dist/client')], {
    cwd: project,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('zhuanzhen/client is imported by name, by plain Node', async () => {
  writeFileSync(
    join(folder, 'used.ts'),
    `import { ReferralClient, Refusal, type Finding } from 'zhuanzhen/client';
     const client: ReferralClient = new ReferralClient({ base: 'http://127.0.0.1:1/fhir' });
     const none: Finding[] = [];
     console.log(typeof client.submit, Refusal.name, none.length);`,
  );
  const { stdout } = await run(process.execPath, ['used.ts'], { cwd: folder });
  expect(stdout).toBe('function Refusal 0\n');
});

test('its types hold what is given to it', async () => {
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--skipLibCheck'];
  const compiled = (source: string) => {
    writeFileSync(join(folder, 'typed.ts'), `import { ReferralClient } from 'zhuanzhen/client';\n${source}`);
    return run(process.execPath, [compiler, ...options, 'typed.ts'], { cwd: folder });
  };
  const client = "const client = new ReferralClient({ base: 'http://localhost:8080/fhir' });\n";
  await compiled(`${client}await client.hold({ reference: 'Task/1' }, { reason: { text: '等床位' } });`);
  await expect(
    compiled(`${client}await client.hold({ reference: 'Task/1' }, { reason: '等床位' });`),
  ).rejects.toMatchObject({
    stdout: expect.stringContaining("Type 'string' has no properties in common with type 'CodeableConcept'"),
  });
});

onEachEngine((server) => {
  test.each(['README.md', 'README.zh-CN.md'])('the example of %s acknowledges what waits', async (name) => {
    await server.post('/', example('community')).expect(200);
    await server.post('/', newReferral()).expect(200);
    const [, code] = /```ts\n(.*?)```/s.exec(readFileSync(join(project, name), 'utf8'))!;
    writeFileSync(join(folder, 'example.ts'), code!.replace('http://localhost:8080/fhir', server.base));
    const { stdout } = await run(process.execPath, ['example.ts'], { cwd: folder });
    expect(stdout).toBe('');
    const count = async (status: string) =>
      (await server.get(`/Task?status=${status}&_summary=count`).expect(200)).body.total;
    expect(await count('requested')).toBe(0);
    expect(await count('received')).toBeGreaterThan(0);
  });
});
