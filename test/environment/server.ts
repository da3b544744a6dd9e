import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import request, { type Test } from 'supertest';
import { makeSigningKeys } from '../../src/access/identity/signing-keys.ts';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from './logs.ts';
import { mongodbUri, newDatabaseUri } from './mongodb.ts';

/** What the servers of one test file sign their tokens with. */
export const signingKeys = makeSigningKeys();

/** The engines that the tests run on: the embedded one, and MongoDB where there is one. */
export const engines = mongodbUri() ? (['embedded', 'MongoDB'] as const) : (['embedded'] as const);
export type Engine = (typeof engines)[number];

/** A server that is started for the tests of one `describe`, on an empty store. */
export interface TestServer {
  /** The URL of the API. */
  readonly base: string;
  readonly running: Running;
  get(path: string): Test;
  post(path: string, body?: object): Test;
  put(path: string, body?: object): Test;
  patch(path: string, body: object): Test;
  delete(path: string): Test;
}

/**
 * Runs the same examples against a server on each engine. `environment` are variables as in `settings.ts`, `machine` is
 * the clock of the machine.
 */
export function onEachEngine(
  examples: (server: TestServer) => void,
  environment: Record<string, string> = {},
  machine: () => number = Date.now,
): void {
  describe.each(engines)('on the %s engine', (engine) => {
    let running: Running;
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-test-'));
    beforeAll(async () => {
      const place = {
        DATA_DIR: folder,
        ...(engine === 'MongoDB' && { MONGODB_URI: newDatabaseUri(mongodbUri()!) }),
      };
      running = await start(
        readSettings({ AUTH: 'off', SIGNING_KEYS: signingKeys, PORT: '0', ...place, ...environment }),
        testLog(),
        machine,
      );
      await untilReady(running.server.store);
    });
    afterAll(async () => {
      await running.stop();
      rmSync(folder, { recursive: true });
    });

    const send = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) => {
      const sent = request(running.base)[method](path);
      return body ? sent.set('Content-Type', 'application/fhir+json').send(body) : sent;
    };
    examples({
      get base() {
        return running.base;
      },
      get running() {
        return running;
      },
      get: (path) => send('get', path),
      post: (path, body) => send('post', path, body),
      put: (path, body) => send('put', path, body),
      patch: (path, body) => send('patch', path, body),
      delete: (path) => send('delete', path),
    });
  });
}
