import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import type { Job } from '../../src/jobs/job.ts';
import { startJobs } from '../../src/jobs/jobs.ts';
import { hold } from '../../src/jobs/lease.ts';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from '../environment/logs.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { engines } from '../environment/server.ts';
import { baseOf, startProcess } from '../environment/server-process.ts';
import { example, newReferral } from './referrals.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A routine referral counts as a no-show so long after the time to arrive (PlanDefinition/referral-clocks). */
const grace = 3 * day;

const folders: string[] = [];
const running: Running[] = [];
afterAll(async () => {
  for (const each of running) await each.stop();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** An empty database of an engine. */
function place(engine: string): Record<string, string> {
  if (engine === 'MongoDB') return { MONGODB_URI: newDatabaseUri(mongodbUri()!) };
  folders.push(mkdtempSync(join(tmpdir(), 'zhuanzhen-jobs-')));
  return { DATA_DIR: folders.at(-1)! };
}

/** A server whose jobs run when they are told to, by a clock that the test moves. */
async function startAt(
  where: Record<string, string>,
  machine: () => number,
  more: Record<string, string> = {},
): Promise<Running> {
  const settings = readSettings({ AUTH: 'off', PORT: '0', JOB_INTERVAL: '3600000', ...where, ...more });
  const started = await start(settings, testLog(), machine);
  running.push(started);
  await untilReady(started.server.store);
  return started;
}

async function send(base: string, path: string, body: object): Promise<Resource> {
  const answer = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json() as Promise<Resource>;
}

async function read(base: string, path: string): Promise<Resource> {
  return (await fetch(`${base}${path}`)).json() as Promise<Resource>;
}

/** A routine referral that was accepted, and whose patient is to arrive until then; the id of its Task. */
async function expectedUntil(base: string, end: number): Promise<string> {
  const { entry } = await send(base, '', newReferral());
  const locations = (entry as { response: { location: string } }[]).map(({ response }) => response.location);
  const [, id] = /\/Task\/([^/]+)/.exec(locations.find((each) => each.includes('/Task/'))!)!;
  await send(base, `/Task/${id}/$accept`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'arrival-period', valuePeriod: { end: new Date(end).toISOString() } }],
  });
  return id!;
}

async function stateOf(base: string, task: string): Promise<string> {
  const { status, businessStatus } = await read(base, `/Task/${task}`);
  return `${status}:${(businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
}

describe.each(engines)('on the %s engine', (engine) => {
  test('a patient who has not come by the end of the grace counts as a no-show, not before, and nobody has to say so', async () => {
    let now = Date.now();
    const { base, jobs } = await startAt(place(engine), () => now);
    await send(base, '', example('community'));
    const end = now + day;
    const task = await expectedUntil(base, end);

    now = end + grace - 1;
    await jobs.round();
    expect(await stateOf(base, task)).toBe('accepted:appointment-pending');

    now = end + grace;
    await jobs.round();
    expect(await stateOf(base, task)).toBe('failed:no-show');
    const failed = await read(base, `/Task/${task}`);
    expect((failed.statusReason as Element).text).toContain('未到诊');
    const extensions = (failed.extension as Element[]).map(({ url }) => String(url));
    expect(extensions.filter((url) => /\/(?:waiting-for|due)$/.test(url))).toEqual([]);
    const { reference } = failed.focus as { reference: string };
    expect((await read(base, `/${reference}`)).status).toBe('revoked');
  });

  test('what the server does by the clock is in the audit of the patient whom it concerns', async () => {
    let now = Date.now();
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-jobs-'));
    folders.push(folder);
    const { base, jobs } = await startAt({ DATA_DIR: folder, ...place(engine) }, () => now, { AUDIT: 'on' });
    await send(base, '', example('community'));
    const task = await expectedUntil(base, now + day);
    now += day + grace;
    await jobs.round();
    const { for: patient } = await read(base, `/Task/${task}`);
    const { reference } = patient as { reference: string };
    // Where a week is over meanwhile, its close is on record as well.
    const ofNoShow = async (query: string) => {
      const events = await read(base, `/AuditEvent?type=110110${query}`);
      return (events.entry as { resource: Resource }[])
        .map(({ resource }) => resource)
        .filter(({ agent }) => JSON.stringify(agent).includes('no-show'));
    };
    const ofJob = await ofNoShow(`&patient=${reference}`);
    expect(ofJob).toHaveLength(1);
    const [event] = ofJob as [Resource];
    expect(event).toMatchObject({ action: 'U', outcome: '0' });
    expect(event.agent).toMatchObject([
      { name: '按时办理 no-show / job by the clock no-show', requestor: true },
    ]);
    expect((event.entity as { what: object }[]).map(({ what }) => what)).toContainEqual({
      reference: `Task/${task}`,
    });
    await jobs.round();
    expect(await ofNoShow('')).toHaveLength(1);
  });

  test('what is on hold waits for people, and a time to arrive that was moved counts', async () => {
    let now = Date.now();
    const { base, jobs } = await startAt(place(engine), () => now);
    await send(base, '', example('community'));
    const [held, moved] = [await expectedUntil(base, now + day), await expectedUntil(base, now + day)];
    await send(base, `/Task/${held}/$hold`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'reason', valueCodeableConcept: { text: '患者筹款' } }],
    });
    const task = await read(base, `/Task/${moved}`);
    const later = { ...task, restriction: { period: { end: new Date(now + 9 * day).toISOString() } } };
    await fetch(`${base}/Task/${moved}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(later),
    });

    now += day + grace + hour;
    await jobs.round();
    expect(await stateOf(base, held)).toBe('on-hold:awaiting-patient');
    expect(await stateOf(base, moved)).toBe('accepted:appointment-pending');
  });

  test('what became due while no server was running is done by the next one', async () => {
    let now = Date.now();
    const where = place(engine);
    const first = await startAt(where, () => now);
    await send(first.base, '', example('community'));
    const task = await expectedUntil(first.base, now + day);
    await running.splice(running.indexOf(first), 1)[0]!.stop();

    now += day + grace;
    const { base, jobs } = await startAt(where, () => now);
    await jobs.round();
    expect(await stateOf(base, task)).toBe('failed:no-show');
  });

  test('an item that cannot be done keeps no other from being done, and is told', async () => {
    const { server } = await startAt(place(engine), Date.now);
    const done = new Set<string>();
    const told = new Set<string>();
    const job: Job = {
      name: 'test',
      find: async () => ({ items: ['bad', 'good'] }),
      run: async (_, __, item) => {
        if (item === 'bad') throw new Error('cannot be done');
        done.add(item);
      },
    };
    const jobs = startJobs(server, {
      jobs: [job],
      interval: hour,
      report: (error) => told.add(String(error)),
    });
    await jobs.round();
    await jobs.stop();
    expect([...done, ...told]).toEqual(['good', 'Error: cannot be done']);
  });

  test('a job that another process is at is left to it, until that has died', async () => {
    let now = Date.now();
    const { server } = await startAt(place(engine), () => now);
    const takes = (holder: string) =>
      server.store.write((transaction) =>
        hold(server, transaction, { job: 'test', holder, duration: 1_000 }),
      );
    expect(await takes('a')).toBe(true);
    expect(await takes('b')).toBe(false);
    now += 999;
    expect(await takes('a')).toBe(true);
    now += 1_000;
    expect(await takes('b')).toBe(true);
    expect(await takes('a')).toBe(false);
  });
});

if (mongodbUri())
  test('two server processes on one database fail each patient once', async () => {
    const where = place('MongoDB');
    const first = await startAt(where, Date.now);
    await send(first.base, '', example('community'));
    const tasks = await Promise.all(
      Array.from({ length: 20 }, () => expectedUntil(first.base, Date.now() - grace - hour)),
    );
    const processes = [0, 1].map(() =>
      startProcess('src/main.ts', { ...where, LOG_LEVEL: 'info', JOB_INTERVAL: '100' }),
    );
    const bases = await Promise.all(processes.map(baseOf));
    const isOpen = async (task: string) => (await stateOf(first.base, task)) !== 'failed:no-show';
    while ((await Promise.all(tasks.map(isOpen))).includes(true));
    for (const base of bases) await read(base, '/Task?_count=1');
    for (const { child, gone } of processes) {
      child.kill('SIGTERM');
      expect(await gone).toBe(0);
    }
    for (const task of tasks) {
      const { entry } = (await read(first.base, `/Task/${task}/_history`)) as unknown as {
        entry: { resource: Resource }[];
      };
      const versions = entry.map(({ resource }) => `${resource.meta!.versionId} ${resource.status}`);
      expect(versions).toEqual(['3 failed', '2 accepted', '1 requested']);
    }
    for (const { output } of processes) expect(output.stderr).not.toContain('"level":50');
  });
