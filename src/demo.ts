import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareClients } from './demo-clients.ts';
import { performStory } from './examples/perform.ts';
import { examples } from './examples/sequence.ts';
import { Refusal } from './fhir/refusal.ts';
import type { Resource } from './fhir/resource.ts';
import { type Running, run } from './main.ts';
import { untilReady } from './store/until-ready.ts';

/** The patient of `invalid/02`, by resident id. */
const patient = 'urn:oid:2.16.156.10011.1.3%7C629901195611080428';

/** The demo has a folder of its own, so that invented patients never stand among real ones. */
process.env.DATA_DIR ||= './demo-data';

/** Open to this machine alone, unless access control is to be shown. */
const isSecure = process.argv.includes('--secure');
process.env.AUTH ||= isSecure ? 'on' : 'off';

if (process.argv.includes('--reset')) {
  deleteData(process.env.DATA_DIR);
  process.exit(0);
}

/**
 * Starts the server with the example community and the valid example referrals, and says what to try. With `--story` it
 * tells what becomes of a referral, and leaves one in every state; with `--secure` access control is on, and there is a
 * client for every role.
 */
await run(async (running) => {
  await untilReady(running.server.store, () => process.stderr.write('Waiting for the database ...\n'));
  await load(running, await withoutKnown(running, readBundle('community.json')));
  for (const name of readdirSync(`${examples}valid`).sort()) {
    try {
      await load(running, readBundle(`valid/${name}`));
    } catch (error) {
      // Who has changed an example on record wants to find it changed, not a server that does not start.
      if (!(error instanceof Refusal)) throw error;
      process.stderr.write(`examples/valid/${name} is left as it is: ${error.message}\n`);
    }
  }
  if (isSecure) {
    process.stdout.write(await prepareClients(running, process.env.DATA_DIR!));
    return;
  }
  const isStory = process.argv.includes('--story');
  if (isStory) await performStory(running.base, (text) => process.stdout.write(text));
  process.stdout.write(whatToTry(running.base) + (isStory ? afterTheStory(running.base) : ''));
});

interface Bundle extends Resource {
  entry: { resource: Resource; request: { method: string; url: string } }[];
}

function readBundle(path: string): Bundle {
  return JSON.parse(readFileSync(examples + path, 'utf8')) as Bundle;
}

/**
 * The bundle without the resources that an earlier start has put there: a second start adds nothing. What has no id is
 * created on the condition that it is not there.
 */
async function withoutKnown({ server }: Running, bundle: Bundle): Promise<Bundle> {
  const known = await Promise.all(
    bundle.entry.map(
      async ({ resource: { resourceType, id } }) => id !== undefined && server.store.read(resourceType, id),
    ),
  );
  return { ...bundle, entry: bundle.entry.filter((_, index) => !known[index]) };
}

async function load({ server, router }: Running, bundle: Bundle): Promise<void> {
  if (bundle.entry.length === 0) return;
  await router('POST', []).route.run(server, {
    method: 'POST',
    query: [],
    body: bundle,
    prefer: { return: 'minimal' },
  });
}

/** `npm run demo -- --reset`: the demo begins anew. Nothing is deleted but the files of the embedded database. */
function deleteData(folder: string): void {
  const own = /^(?:zhuanzhen\.|identity\.|answers\.|signing-keys\.json$|clients$)/;
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => own.test(name)) : [];
  for (const name of files) rmSync(join(folder, name), { recursive: true });
  process.stdout.write(`${files.length} files of the demo were deleted in ${folder} / 已删除演示数据\n`);
}

/** Every command works when it is pasted, in this order. */
function whatToTry(base: string): string {
  const send = `curl -s -H 'Content-Type: application/fhir+json' '${base}?_pretty=true' -d`;
  return `
Zhuanzhen 转诊 is running at ${base}   (Ctrl-C stops it)
Try, from this folder in another terminal / 在本目录的另一个终端中试一试:

# A referral that a rule refuses, with the reason / 被规则拒绝的转诊,附原因
${send} @examples/invalid/02-severe-hypertension-routine.json

# The same, mended: it is accepted / 改正后即被接收
sed 's/"priority": "routine"/"priority": "urgent"/' examples/invalid/02-severe-hypertension-routine.json | ${send} @-

# The patient's referrals, with what belongs to them / 该患者的转诊记录
curl -s '${base}/Patient/$referral-history?identifier=${patient}&_pretty=true'

# The same by plain search / 用普通查询得到同样的结果
curl -s '${base}/ServiceRequest?patient.identifier=${patient}&_revinclude=Task:focus&_include=ServiceRequest:requester&_pretty=true'

# What waits for the lead hospital, newest first / 牵头医院的待办转诊
curl -s '${base}/Task?owner=Organization/yongan-county-hospital&status=requested&_sort=-_lastUpdated&_count=20&_pretty=true'
`;
}

function afterTheStory(base: string): string {
  return `
# The patient of the story: three referrals / 故事中的患者:三次转诊
curl -s '${base}/Patient/$referral-history?identifier=urn:oid:2.16.156.10011.1.3%7C629901196105060429&_pretty=true'

# What the lead hospital owes, soonest first / 牵头医院须办理的,先到期的在前
curl -s '${base}/Task?waiting-for=Organization/yongan-county-hospital&_sort=due&_pretty=true'

# Who is in the hospital / 在院患者
curl -s '${base}/Task?business-status=admitted,discharge-planned&_pretty=true'
`;
}
