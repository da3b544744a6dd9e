import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, test as always, beforeAll, expect } from '@jest/globals';
import { example } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { toldHere } from '../notifications/subscribing.ts';
import { medplumSession } from './sessions/medplum.ts';
import { newPapers, type Papers, type Session } from './sessions/papers.ts';

/** Where the Python tools of `requirements.txt` and the jars of `sessions/hapi/pom.xml` are; see CONTRIBUTING.md. */
const tools = process.env.CLIENT_TOOLS ?? join(homedir(), '.cache', 'zhuanzhen-client-tools');
const jars = process.env.HAPI_CLIENT ?? join(homedir(), '.cache', 'zhuanzhen-hapi-client');
const own = (file: string) => fileURLToPath(new URL(`sessions/${file}`, import.meta.url));
const runs = (program: string, ...given: string[]) => spawnSync(program, given).status === 0;

/** A client of others: its session, and whether it can hold one here. */
interface Client {
  hold(base: string, papers: Papers): Promise<Session>;
  isThere: boolean;
  isRequired: boolean;
}

const python = join(tools, 'bin', 'python');
const clients: Record<string, Client> = {
  '@medplum/core': { hold: medplumSession, isThere: true, isRequired: true },
  'fhir.resources with httpx': {
    hold: (base, papers) => printed(python, [own('fhir_resources.py'), base, written(papers)]),
    isThere: runs(python, '-c', 'import fhir.resources, httpx'),
    isRequired: Boolean(process.env.REQUIRE_CLIENT_TOOLS),
  },
  "HAPI's generic client": {
    hold: (base, papers) =>
      printed('java', [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dfile.encoding=UTF-8'],
        ...['-cp', join(jars, 'lib', '*'), own('hapi/HapiSession.java'), base, written(papers)],
      ]),
    isThere: existsSync(join(jars, 'pom.xml')) && runs('javac', '-version'),
    isRequired: Boolean(process.env.REQUIRE_HAPI_CLIENT),
  },
};
/** A Java, or a Python, takes its time to start on a machine that does much else: in milliseconds. */
const patience = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-sessions-'));
afterAll(() => rmSync(folder, { recursive: true }));

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  for (const [name, { hold, isThere, isRequired }] of Object.entries(clients)) {
    const test = isThere || isRequired ? always : always.skip;
    if (test !== always)
      process.stderr.write(
        `The session of ${name} was not held: it is not installed here (CONTRIBUTING.md).\n`,
      );
    test(
      `${name}: submits, is refused, mends, accepts, subscribes, is told, returns`,
      async () => {
        const session = await hold(server.base, newPapers());
        expect(session).toMatchObject({
          rule: 'up-htn-urgent',
          refusal: expect.stringMatching(/紧急转诊.* \/ .*at least urgent/),
          told: ['handshake', 'in-progress', 'completed'],
        });
        const { body: task } = await server.get(`/Task/${session.task}`).expect(200);
        expect(task).toMatchObject({
          priority: 'urgent',
          businessStatus: { coding: [{ code: 'returned' }] },
        });
        const { body: down } = await server.get(`/Task/${session.down}`).expect(200);
        expect(down).toMatchObject({
          owner: { reference: 'Organization/qingshi-health-centre' },
          for: task.for,
        });
      },
      patience,
    );
  }
}, toldHere);

/** What a client reads, in a file. */
function written(papers: Papers): string {
  const file = join(mkdtempSync(join(folder, 'papers-')), 'papers.json');
  writeFileSync(file, JSON.stringify(papers));
  return file;
}

/** What a program prints. Where it fails, the error has what it said. */
async function printed(program: string, given: string[]): Promise<Session> {
  const { stdout } = await promisify(execFile)(program, given, { timeout: patience - 10_000 });
  return JSON.parse(stdout) as Session;
}
