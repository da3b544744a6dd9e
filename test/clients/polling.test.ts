import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { example, newReferral } from '../api/referrals.ts';
import { testLog } from '../environment/logs.ts';

const clients = fileURLToPath(new URL('../../examples/clients/', import.meta.url));
const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
/** On a machine that does much else, a Java takes its time to start. */
const patience = 240_000;

/** The clients that only poll: what they are written in for the README, and what runs them. */
const loops: Record<string, { language: string; command: string; needs: readonly string[] }> = {
  'poll.sh': { language: 'sh', command: 'sh', needs: ['curl', 'jq'] },
  'poll.py': { language: 'python', command: 'python3', needs: ['python3'] },
  'Poll.java': { language: 'java', command: 'java', needs: ['java'] },
  'Poll.cs': { language: 'csharp', command: 'dotnet', needs: ['dotnet-script'] },
  'poll.ps1': { language: 'powershell', command: 'pwsh', needs: ['pwsh'] },
};
const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

describe.each(Object.entries(loops))('examples/clients/%s', (name, { language, command, needs }) => {
  test('is shown by the README, as it is, in no more than twenty lines', () => {
    const text = textOf(`examples/clients/${name}`);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    for (const readme of ['README.md', 'README.zh-CN.md'])
      expect(textOf(readme).includes(`\`\`\`${language}\n${text}\`\`\`\n`)).toBe(true);
  });

  const testRun = needs.every(isThere) ? test : test.skip;
  testRun(
    'tells each change once, and goes on',
    async () => {
      const { client, lines } = run(command, name);
      try {
        const first = await refer();
        expect(await lines.next()).toEqual({ done: false, value: `Task/${first} requested` });
        await send(`Task/${first}/$acknowledge`);
        expect(await lines.next()).toEqual({ done: false, value: `Task/${first} received` });
        const second = await refer();
        expect(await lines.next()).toEqual({ done: false, value: `Task/${second} requested` });
      } finally {
        await stop(client);
      }
    },
    patience,
  );
});

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-polling-'));
let server: Running;
beforeAll(async () => {
  const settings = readSettings({ AUTH: 'off', PORT: '0', DATA_DIR: join(folder, 'data') });
  server = await start(settings, testLog());
  await send('', example('community'));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Starts a client that asks for what is new from now on, several times a second. */
function run(command: string, name: string): { client: ChildProcess; lines: AsyncIterator<string> } {
  const client = spawn(command, [join(clients, name)], {
    cwd: folder,
    env: {
      ...process.env,
      FHIR_BASE: server.base,
      OWNER: 'Organization/yongan-county-hospital',
      SINCE: new Date().toISOString(),
      INTERVAL: '0.2',
      API_KEY: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { client, lines: createInterface({ input: client.stdout! })[Symbol.asyncIterator]() };
}

async function stop(client: ChildProcess): Promise<void> {
  if (client.exitCode === null && client.kill('SIGKILL')) await once(client, 'exit');
}

/** Sends a referral; gives the id of its Task. */
async function refer(): Promise<string> {
  const { entry } = (await send('', newReferral())) as { entry: { response: { location: string } }[] };
  const { location } = entry
    .map(({ response }) => response)
    .find((each) => each.location.includes('/Task/'))!;
  return /\/Task\/([^/]+)/.exec(location)![1]!;
}

async function send(path: string, body: object = { resourceType: 'Parameters' }): Promise<unknown> {
  const response = await fetch(`${server.base}/${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/fhir+json',
      ...(path && { 'X-Acting-Organization': 'Organization/yongan-county-hospital' }),
    },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return response.json();
}
