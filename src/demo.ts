import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resource } from './fhir/resource.ts';
import { type Running, run } from './main.ts';
import { untilReady } from './store/until-ready.ts';

const examples = fileURLToPath(new URL('../examples/', import.meta.url));

/** Starts the server with the example community and the valid example referrals, and says what to try. */
await run(async (running) => {
  await untilReady(running.server.store, () => process.stderr.write('Waiting for the database ...\n'));
  await load(running, await withoutKnown(running, readBundle('community.json')));
  for (const name of readdirSync(`${examples}valid`).sort()) await load(running, readBundle(`valid/${name}`));
  process.stdout.write(whatToTry(running.base));
});

interface Bundle extends Resource {
  entry: { resource: Resource; request: { method: string; url: string } }[];
}

function readBundle(path: string): Bundle {
  return JSON.parse(readFileSync(examples + path, 'utf8')) as Bundle;
}

/** The bundle without the resources that an earlier start has put there: a second start adds nothing. */
async function withoutKnown({ server }: Running, bundle: Bundle): Promise<Bundle> {
  const known = await Promise.all(
    bundle.entry.map(({ resource }) => server.store.read(resource.resourceType, resource.id!)),
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

function whatToTry(base: string): string {
  return `
Zhuanzhen 转诊 is running at ${base}   (Ctrl-C stops it)

Try, in another terminal, from this folder 试一试(在本目录的另一个终端中):

  # A referral that a rule refuses, and why 被规则拒绝的转诊单
  curl -s -H 'Content-Type: application/fhir+json' -d @examples/invalid/REPLACED '${base}?_pretty=true'
`;
}
