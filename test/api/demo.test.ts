import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { readSequence } from '../../src/examples/sequence.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { engines, signingKeys } from '../environment/server.ts';
import { type ServerProcess, startProcess } from '../environment/server-process.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

interface Found {
  resourceType: string;
  type?: string;
  entry: { resource: { resourceType: string; id: string; status: string }; search: { mode: string } }[];
  issue: { details: { coding: { code: string }[] } }[];
}

/** Servers are started several times, on machines that may be busy: in milliseconds. */
const patience = 180_000;

test.each(engines)(
  'on the %s engine, the demo shows what it says, stops on Ctrl-C, and starts again as it was',
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-demo-'));
    const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
    const begin = () =>
      startProcess('src/demo.ts', {
        LOG_LEVEL: 'warn',
        ...(uri ? { MONGODB_URI: uri } : { DATA_DIR: folder }),
      });

    const first = begin();
    const base = await baseOfDemo(first);
    expectAsSaid(first);
    const before = await contentOf(base);
    expect(await stop(first)).toBe(0);

    const second = begin();
    const again = await baseOfDemo(second);
    expect(await contentOf(again)).toEqual(before);
    expectAsSaid(second);
    expect(await contentOf(again)).toEqual(before);
    await changeReferral(again);
    expect(await stop(second)).toBe(0);

    const third = begin();
    await baseOfDemo(third);
    expect(third.output.stderr).toMatch(/examples\/valid\/01-\S+ is left as it is: /);
    expect(await stop(third)).toBe(0);

    rmSync(folder, { recursive: true });
    if (uri) await dropDatabase(uri);
  },
  patience,
);

test.each(engines)(
  'on the %s engine, the demo tells the story to its end, and tells it once',
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-story-'));
    const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
    const begin = () =>
      startProcess(
        'src/demo.ts',
        { LOG_LEVEL: 'warn', ...(uri ? { MONGODB_URI: uri } : { DATA_DIR: folder }) },
        '--story',
      );

    const first = begin();
    const base = await baseOfStory(first);
    const { requests } = readSequence('story/story');
    for (const [index, { text }] of requests.entries())
      expect(first.output.stdout).toMatch(new RegExp(`\n${index + 1}\\. .*\n.*\n   ${escaped(text.en)}\n`));
    expect(first.output.stdout).not.toContain('played before');
    const [history, owed, present] = commandsIn(first.output.stdout).slice(-3).map(run);
    expect(idsOf(history!, 'ServiceRequest')).toHaveLength(3);
    expect(idsOf(owed!, 'Task').length).toBeGreaterThan(3);
    expect(idsOf(present!, 'Task')).not.toEqual([]);
    const before = await contentOf(base);
    expect(await stop(first)).toBe(0);

    const second = begin();
    expect(await contentOf(await baseOfStory(second))).toEqual(before);
    expect(second.output.stdout).toContain('played before');
    expect(await stop(second)).toBe(0);

    rmSync(folder, { recursive: true });
    if (uri) await dropDatabase(uri);
  },
  patience,
);

test.each(engines)(
  'on the %s engine, the secure demo lets every role in by what it prints, each to what is its own',
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-secure-'));
    const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
    const demo = startProcess(
      'src/demo.ts',
      {
        LOG_LEVEL: 'warn',
        AUTH: '',
        DATA_DIR: folder,
        SIGNING_KEYS: signingKeys,
        ...(uri && { MONGODB_URI: uri }),
      },
      '--secure',
    );
    await demo.printed(/不说明身份者被拒绝\n[^\n]*\n/);
    const [
      referrer,
      receiver,
      liaison,
      affairs,
      alliance,
      family,
      insurer,
      platform,
      administrator,
      old,
      nobody,
    ] = commandsWithTokens(demo.output.stdout).map(run);
    expect(idsOf(referrer!, 'ServiceRequest').length).toBeGreaterThan(2);
    expect(idsOf(receiver!, 'Task').length).toBeGreaterThan(2);
    expect(idsOf(liaison!, 'Task').length).toBeGreaterThan(2);
    expect(idsOf(affairs!, 'PractitionerRole').length).toBeGreaterThan(2);
    expect(idsOf(alliance!, 'Task')).toHaveLength(5);
    expect(family!.resourceType).toBe('Bundle');
    expect(insurer!.entry ?? []).toEqual([]);
    expect(idsOf(platform!, 'Organization')).toHaveLength(5);
    expect(idsOf(administrator!, 'Device')).toHaveLength(10);
    expect(idsOf(old!, 'ServiceRequest')).toEqual(idsOf(referrer!, 'ServiceRequest'));
    expect(nobody!.resourceType).toBe('OperationOutcome');
    expect(await stop(demo)).toBe(0);
    rmSync(folder, { recursive: true });
    if (uri) await dropDatabase(uri);
  },
  patience,
);

/** The commands of the secure demo: under a comment, one that asks, or one that gets a token and one that uses it. */
function commandsWithTokens(text: string): string[] {
  return [...text.matchAll(/^# .*\n((?:TOKEN=.*\n)?curl .*)$/gm)].map(([, command]) => command!);
}

/** Runs every command that the demo prints, and holds what it gives to what its comment says. */
function expectAsSaid({ output }: ServerProcess): void {
  const [refused, mended, history, search, worklist, ...others] = commandsIn(output.stdout).map(run);
  expect(others).toEqual([]);
  expect(refused!.issue[0]!.details.coding[0]!.code).toBe('up-htn-urgent');
  expect(mended!.type).toBe('transaction-response');
  expect(idsOf(history!, 'ServiceRequest')).toHaveLength(1);
  expect(idsOf(search!, 'ServiceRequest')).toEqual(idsOf(history!, 'ServiceRequest'));
  expect(search!.entry.map(({ resource }) => resource.resourceType)).toEqual(
    expect.arrayContaining(['ServiceRequest', 'Task', 'PractitionerRole']),
  );
  expect(idsOf(worklist!, 'Task').length).toBeGreaterThan(3);
  expect(new Set(worklist!.entry.map(({ resource }) => resource.status))).toEqual(new Set(['requested']));
}

/** Changes an example referral, as someone who tries things out may do. */
async function changeReferral(base: string): Promise<void> {
  const found = await fetch(`${base}/ServiceRequest?identifier=YAQS202611160017`);
  const { entry } = (await found.json()) as Found;
  const patched = await fetch(`${base}/ServiceRequest/${entry[0]!.resource.id}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json-patch+json' },
    body: '[{"op":"replace","path":"/priority","value":"urgent"}]',
  });
  expect(patched.status).toBe(200);
}

async function baseOfDemo(server: ServerProcess): Promise<string> {
  const [, base] = await server.printed(/is running at (\S+) .*牵头医院的待办转诊\n[^\n]*\n/s);
  return base!;
}

async function baseOfStory(server: ServerProcess): Promise<string> {
  const [, base] = await server.printed(/is running at (\S+) .*在院患者\n[^\n]*\n/s);
  return base!;
}

async function dropDatabase(uri: string): Promise<void> {
  const client = new MongoClient(uri);
  await client.db().dropDatabase();
  await client.close();
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function stop(server: ServerProcess): Promise<number | null> {
  server.child.kill('SIGINT');
  return server.gone;
}

/** The commands that the demo prints, each under a comment that says what it gives. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/^# .*\n(.*)$/gm)].map(([, command]) => command!);
}

function run(command: string): Found {
  return JSON.parse(execFileSync('sh', ['-c', command], { cwd: project, encoding: 'utf8' })) as Found;
}

function idsOf({ entry }: Found, type: string): string[] {
  return entry
    .filter(({ resource, search }) => search.mode === 'match' && resource.resourceType === type)
    .map(({ resource }) => resource.id);
}

/** The number of versions that there are, and the latest of them: nothing was added when both are the same. */
async function contentOf(base: string): Promise<unknown> {
  const answer = await fetch(`${base}/_history?_count=1000`);
  const { entry } = (await answer.json()) as {
    entry: { response: { etag: string; lastModified: string }; fullUrl: string }[];
  };
  // Weeks that are over are closed at the next start, and who does that is noted.
  const sent = entry.filter(({ fullUrl }) => !/\/(Bundle\/ledger-|Basic\/)/.test(fullUrl));
  return [
    sent.length,
    sent.slice(0, 20).map(({ fullUrl, response }) => [new URL(fullUrl).pathname, response]),
  ];
}

test('the data of the demo are deleted by a command, and nothing else is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-reset-'));
  writeFileSync(join(folder, 'zhuanzhen.sqlite'), '');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const reset = startProcess('src/demo.ts', { DATA_DIR: folder }, '--reset');
  expect(await reset.gone).toBe(0);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  rmSync(folder, { recursive: true });
});
