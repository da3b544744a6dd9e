import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { exampleBundles, knownBy, namedIn } from '../environment/people-of-examples.ts';
import { untilReadable } from '../environment/ready.ts';
import { engines } from '../environment/server.ts';
import { baseOf, startProcess } from '../environment/server-process.ts';

// A process starts slowly on a machine that is busy.
jest.setTimeout(120_000);

const folder = new URL('../../examples/', import.meta.url);
test.each(engines)(
  'on the %s engine, nothing that a server logs of the examples names a patient, at the level that tells most',
  async (engine) => {
    expect(knownBy.size).toBeGreaterThan(20);
    const data = mkdtempSync(join(tmpdir(), 'zhuanzhen-logs-'));
    const server = startProcess('src/main.ts', {
      AUTH: 'off',
      AUDIT: 'on',
      LOG_LEVEL: 'trace',
      DATA_DIR: data,
      MONGODB_URI: engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : '',
    });
    const base = await baseOf(server);
    await untilReadable(base);
    const send = async (path: string, body?: string) => {
      const headers = { 'Content-Type': 'application/fhir+json' };
      const answer = await fetch(base + path, body === undefined ? {} : { method: 'POST', body, headers });
      return answer.text();
    };

    await send('', readFileSync(new URL('community.json', folder), 'utf8'));
    for (const text of exampleBundles) await send('', text);
    const broken = exampleBundles[0]!;
    await send('', broken.slice(0, -1));
    await send('/Patient', broken);
    for (const each of [...knownBy].slice(0, 30)) {
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
    expect(logged.split('\n').length).toBeGreaterThan(exampleBundles.length);
    expect(namedIn(logged)).toEqual([]);
    rmSync(data, { recursive: true });
  },
);
