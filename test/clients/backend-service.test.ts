import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, test as always, expect } from '@jest/globals';
import { makeKeyFile } from '../../src/cli/key-file.ts';
import { clientDevice, given, organization, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';

/** Where the Python tools of `requirements.txt` are, as for the tests of generated clients. */
const tools = process.env.CLIENT_TOOLS ?? join(homedir(), '.cache', 'zhuanzhen-client-tools');
const isThere = existsSync(join(tools, 'bin', 'schemathesis'));
const test = isThere || process.env.REQUIRE_CLIENT_TOOLS ? always : always.skip;
const program = fileURLToPath(new URL('backend_service.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-backend-'));
afterAll(() => rmSync(folder, { recursive: true }));

onEachEngine((server) => {
  test('Authlib gets a token as a backend service, and what its scope permits with it', async () => {
    const file = join(folder, `${new URL(server.base).port}.json`);
    const keys = [makeKeyFile(file)];
    await given(
      server,
      organization('yongan'),
      clientDevice('his', { roles: ['receiver'], organization: 'Organization/yongan', keys }),
    );
    const python = join(tools, 'bin', 'python');
    const { stdout } = await promisify(execFile)(python, [program, server.base, 'his', file]);
    expect(JSON.parse(stdout)).toEqual(['system/Organization.rs', ['yongan'], 403]);
  });
}, secure);
