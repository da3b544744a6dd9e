import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { testLog } from '../environment/logs.ts';

/**
 * Where the Python tools of `requirements.txt` are. The continuous integration installs them and requires them; who has
 * none (see CONTRIBUTING.md) runs the other tests.
 */
const tools = process.env.CLIENT_TOOLS ?? join(homedir(), '.cache', 'zhuanzhen-client-tools');
const isThere = existsSync(join(tools, 'bin', 'schemathesis'));
if (!isThere && process.env.REQUIRE_CLIENT_TOOLS)
  throw new Error(`There are no tools for the tests of generated clients in ${tools}`);
const testPython = isThere ? test : test.skip;

/** The TypeScript tools of `typescript/package.json`, which are installed in that folder, and required in the same way. */
const modules = fileURLToPath(new URL('typescript/node_modules', import.meta.url));
const areModulesThere = existsSync(join(modules, 'openapi-typescript'));
if (!areModulesThere && process.env.REQUIRE_CLIENT_TOOLS)
  throw new Error(`There are no tools for the tests of generated clients in ${modules}`);
const testTypeScript = areModulesThere ? test : test.skip;
const describeClients = isThere || areModulesThere ? describe : describe.skip;

const run = promisify(execFile);
const own = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const patience = 300_000;

describeClients('clients that are generated from /openapi.json', () => {
  let server: Running;
  let description: string;
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-clients-'));
  beforeAll(async () => {
    const settings = readSettings({ AUTH: 'off', PORT: '0', DATA_DIR: join(folder, 'data') });
    server = await start(settings, testLog());
    description = join(folder, 'openapi.json');
    const answer = await fetch(new URL('/openapi.json', server.base));
    writeFileSync(description, await answer.text());
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  testPython(
    'a Python client takes the tour: create, search with repeated parameters, $referral-history, $validate',
    async () => {
      const config = join(folder, 'config.yml');
      writeFileSync(
        config,
        'project_name_override: zhuanzhen-client\npackage_name_override: zhuanzhen_client\n',
      );
      const client = join(folder, 'client');
      const options = ['--path', description, '--output-path', client, '--config', config];
      await run(join(tools, 'bin', 'openapi-python-client'), ['generate', ...options], {
        env: { ...process.env, PATH: `${join(tools, 'bin')}:${process.env.PATH}` },
      });
      const { stdout } = await run(join(tools, 'bin', 'python'), [own('tour.py'), server.base], {
        env: { ...process.env, PYTHONPATH: client },
      });
      expect(stdout).toContain('toured');
    },
    patience,
  );

  testTypeScript(
    'a TypeScript client takes the same tour, and its types are right',
    async () => {
      const client = join(folder, 'typescript');
      mkdirSync(client);
      for (const file of ['tour.ts', 'tsconfig.json', 'package.json'])
        copyFileSync(own(`typescript/${file}`), join(client, file));
      symlinkSync(modules, join(client, 'node_modules'));
      const tool = (name: string) => join(modules, '.bin', name);
      const api = join(client, 'api.d.ts');
      await run(process.execPath, [tool('openapi-typescript'), description, '--output', api]);
      await run(process.execPath, [tool('tsc'), '--project', client]).catch(({ stdout }) => {
        throw new Error(stdout);
      });
      const { stdout } = await run(process.execPath, [join(client, 'tour.ts'), server.base]);
      expect(stdout).toContain('toured');
    },
    patience,
  );

  testPython(
    'Schemathesis finds nothing on five types and all their operations',
    async () => {
      const { stdout } = await run(
        join(tools, 'bin', 'schemathesis'),
        [
          ...['run', description, '--url', server.base],
          ...['--include-path-regex', '^/(Patient|Task|Observation|ServiceRequest|Organization)(/|$)'],
          ...['--seed', '7', '--max-examples', '5', '--phases', 'examples,coverage,fuzzing'],
          '--checks',
          'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance',
        ],
        { cwd: folder, maxBuffer: 100_000_000 },
      ).catch((error: { stdout?: string }) => ({ stdout: `${error.stdout}\nfailed` }));
      expect(stdout).not.toMatch(/FAILURES|ERRORS|\nfailed/);
      expect(stdout).toMatch(/\d+ generated, \d+ passed/);
    },
    patience,
  );
});
