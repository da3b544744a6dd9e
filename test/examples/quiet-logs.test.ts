import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { engines } from '../environment/server.ts';
import { baseOf, startProcess } from '../environment/server-process.ts';

// A process starts slowly on a machine that is busy.
jest.setTimeout(120_000);

const folder = new URL('../../examples/', import.meta.url);
const bundles = ['valid', 'invalid', 'steps'].flatMap((name) =>
  readdirSync(new URL(`${name}/`, folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8')),
);

interface Person {
  resourceType: string;
  id?: string;
  name?: { text?: string; family?: string }[];
  identifier?: { value?: string }[];
  telecom?: { value?: string }[];
  address?: { text?: string; line?: string[] }[];
}

/** All that patients of the examples and those close to them are known by. */
const known = new Set(
  bundles
    .flatMap((text) => (JSON.parse(text).entry ?? []) as { resource?: Person }[])
    .flatMap(({ resource }) =>
      resource && ['Patient', 'RelatedPerson', 'Person'].includes(resource.resourceType) ? resource : [],
    )
    .flatMap(({ name = [], identifier = [], telecom = [], address = [] }) => [
      ...name.flatMap(({ text, family }) => [text, family]),
      ...[...identifier, ...telecom].map(({ value }) => value),
      ...address.flatMap(({ text, line = [] }) => [text, ...line]),
    ])
    .filter((each) => each !== undefined && each.length > 1),
) as Set<string>;

test.each(engines)(
  'on the %s engine, nothing that a server logs of the examples names a patient, at the level that tells most',
  async (engine) => {
    expect(known.size).toBeGreaterThan(20);
    const data = mkdtempSync(join(tmpdir(), 'zhuanzhen-logs-'));
    const server = startProcess('src/main.ts', {
      AUTH: 'off',
      AUDIT: 'on',
      LOG_LEVEL: 'trace',
      DATA_DIR: data,
      MONGODB_URI: engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : '',
    });
    const base = await baseOf(server);
    while (!(await fetch(new URL('/readyz', base))).ok);
    const send = async (path: string, body?: string) => {
      const headers = { 'Content-Type': 'application/fhir+json' };
      const answer = await fetch(base + path, body === undefined ? {} : { method: 'POST', body, headers });
      return answer.text();
    };

    await send('', readFileSync(new URL('community.json', folder), 'utf8'));
    for (const text of bundles) await send('', text);
    const broken = bundles[0]!;
    await send('', broken.slice(0, -1));
    await send('/Patient', broken);
    for (const each of [...known].slice(0, 30)) {
      const value = encodeURIComponent(each);
      await send(`/Patient?name=${value}`);
      await send(`/Patient?identifier=${value}&colour=${value}`);
      await send(`/Patient/${value}`);
      await send(`/${value}`);
      await send(`/Patient/$referral-history?identifier=${value}`);
    }
    server.child.kill('SIGTERM');
    await server.gone;

    const logged = server.output.stderr + server.output.stdout;
    expect(logged.split('\n').length).toBeGreaterThan(bundles.length);
    expect(
      [...known].filter((each) => logged.includes(each) || logged.includes(encodeURIComponent(each))),
    ).toEqual([]);
    rmSync(data, { recursive: true });
  },
);
