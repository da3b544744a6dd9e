import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from '../environment/logs.ts';

let running: Running;
let stopping: Promise<void> | undefined;
let agent: Agent;
const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-stop-'));

beforeEach(async () => {
  const settings = readSettings({ PORT: '0', AUTH: 'off', DATA_DIR: folder });
  running = await start(settings, testLog());
  await untilReady(running.server.store);
  stopping = undefined;
  // As clients do it: one connection, kept for the next request.
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  agent.destroy();
  await (stopping ?? running.stop());
  rmSync(folder, { recursive: true, force: true });
});

async function read(): Promise<{ status: number | undefined; connection: string | undefined }> {
  const sent = request(`${running.base}/metadata?_summary=true`, { agent }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  return { status: answer.statusCode, connection: answer.headers.connection };
}

test('a connection that was idle when the stop began still gets its next answer, which says that it is the last', async () => {
  expect(await read()).toEqual({ status: 200, connection: 'keep-alive' });
  stopping = running.stop();
  expect(await read()).toEqual({ status: 200, connection: 'close' });
  await stopping;
  await expect(read()).rejects.toThrow('ECONNREFUSED');
});

test('a request that had begun when the stop began is answered, kept, and told to use another connection', async () => {
  const body = JSON.stringify({ resourceType: 'Patient' });
  const sent = request(`${running.base}/Patient`, {
    agent,
    method: 'POST',
    headers: {
      'Content-Type': 'application/fhir+json',
      'Content-Length': body.length,
      Expect: '100-continue',
    },
  });
  sent.flushHeaders();
  // The server says so when it has begun with the request: what is only sent may still be in the kernel.
  await once(sent, 'continue');
  sent.write(body.slice(0, 5));
  stopping = running.stop();
  sent.end(body.slice(5));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(201);
  expect(answer.headers.connection).toBe('close');
  answer.resume();
});
