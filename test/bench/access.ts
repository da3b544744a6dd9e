import { mkdtempSync, rmSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { seenBy } from '../../src/access/seen-by.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { readAddress } from '../../src/interactions/entry-request.ts';
import type { Server } from '../../src/interactions/server.ts';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { load } from './load.ts';
import { median } from './median.ts';
import { requestsOn } from './requests.ts';

/*
 * What access control costs a read or a search: the same requests on the same server, in turns as it is and as an actor
 * sees it, from the interaction down to the store; what HTTP and tokens cost comes on top of both and is measured
 * elsewhere. Counted is CPU time; the ways take turns every few requests, so that what disturbs one disturbs the other. The
 * ratio is the median of those of the rounds, and its goal at most 1.2. Run with: npx node test/bench/access.ts --patients 2000
 */
const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '2000' },
    requests: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '20' },
    shape: { type: 'string', default: '' },
  },
});
const patients = Number(values.patients);
/** So many requests are asked in one way before it is the other's turn. */
const inTurn = 20;

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-bench-'));
const place = process.env.MONGODB_URI ? {} : { DATA_DIR: folder };
const running = await start(
  readSettings({ ...process.env, AUTH: 'off', PORT: '0', ...place }),
  pino({ level: 'silent' }),
);
await untilReady(running.server.store);
await load(running.base, patients);
const full = await loadFullPatient(running);

// The township sends to the county and receives from the village: it sees all that was loaded, and so does the office.
const township: Actor = { organization: 'Organization/bench-township', roles: ['referrer', 'receiver'] };
const office: Actor = { organization: 'Organization/bench-lead', roles: ['alliance-office'] };
const asked = requestsOn(patients);
const shapes: Record<string, () => string> = {
  read: () => asked.read.next().path,
  'search by patient and status': () => asked.search.next().path,
  'chained identifier': () => asked.chained.next().path,
  'worklist of 20': () => asked.worklist.next().path,
  'newest 20 of all': () => 'Task?_count=20',
  '500 of one patient': () => `Observation?subject=Patient/${full}&_count=20`,
  'count of one patient': () => `Observation?subject=Patient/${full}&_summary=count`,
};

process.stdout.write(
  `${cpus()[0]?.model.trim()} ${arch()}, Node ${process.version}, ${patients} patients, ${process.env.MONGODB_URI ? 'MongoDB' : 'embedded'}\n`,
);
for (const [name, address] of Object.entries(shapes)) {
  if (!name.includes(values.shape)) continue;
  for (const [who, actor] of Object.entries({ township, office })) {
    const rounds: { open: number; seen: number }[] = [];
    for (let round = -2; round < Number(values.rounds); round++) {
      const times = { open: 0, seen: 0 };
      for (let turn = 0; turn * inTurn < Number(values.requests); turn++) {
        const addresses = Array.from({ length: inTurn }, address);
        for (const way of turn % 2 === 0 ? (['open', 'seen'] as const) : (['seen', 'open'] as const)) {
          const began = process.cpuUsage();
          for (const each of addresses)
            await ask(way === 'open' ? running.server : seenBy(running.server, actor), each);
          times[way] += cpuSince(began);
        }
      }
      if (round >= 0) rounds.push(times);
    }
    const each = (way: 'open' | 'seen') =>
      ((median(rounds.map((times) => times[way])) / Number(values.requests)) * 1000).toFixed(0).padStart(6);
    const ratio = median(rounds.map(({ open, seen }) => seen / open)).toFixed(2);
    process.stdout.write(
      `${name.padEnd(30)} ${who.padEnd(9)} ${each('open')} µs  ${each('seen')} µs  ratio ${ratio}\n`,
    );
  }
}
await running.stop();
rmSync(folder, { recursive: true });

async function ask(server: Server, path: string): Promise<void> {
  const address = readAddress(`/${path}`, server.base);
  const matched = running.router('GET', address.segments);
  const answer = await matched.route.run(server, {
    method: 'GET',
    query: address.query,
    prefer: {},
    ...matched.address,
  });
  if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
}

/** A patient of whom there are 500 observations. */
async function loadFullPatient({ base }: Running): Promise<string> {
  const actor = { 'X-Acting-Organization': 'Organization/bench-township' };
  const entry = Array.from({ length: 500 }, (_, n) => ({
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: '血压' },
      subject: { reference: 'Patient/full' },
      valueInteger: n,
    },
    request: { method: 'POST', url: 'Observation' },
  }));
  for (const [method, path, body] of [
    ['PUT', '/Patient/full', { resourceType: 'Patient', id: 'full' }],
    ['POST', '', { resourceType: 'Bundle', type: 'transaction', entry }],
  ] as const) {
    const answer = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/fhir+json', ...actor },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
  return 'full';
}

/** The CPU time of this process since then, in milliseconds: others on the machine do not count. */
function cpuSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
