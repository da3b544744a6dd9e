import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from '../environment/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-transport-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('TLS by the server itself', () => {
  let running: Running;
  const [cert, certKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  beforeAll(async () => {
    const made = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync('openssl', ['req', '-x509', ...made, '-keyout', certKey, '-out', cert], { stdio: 'ignore' });
    const environment = {
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      TLS_CERT: cert,
      TLS_KEY: certKey,
      TLS_CA: cert,
    };
    running = await start(readSettings(environment), testLog());
    await untilReady(running.server.store);
  });
  afterAll(() => running.stop());

  const ask = (client: object) =>
    new Promise<{ status: number; headers: object }>((resolve, reject) => {
      const options = { ca: readFileSync(cert), ...client };
      secureRequest(`${running.base}/metadata`, options, (response) => {
        response.resume();
        resolve({ status: response.statusCode!, headers: response.headers });
      })
        .once('error', reject)
        .end();
    });

  test('answers who has a certificate of the authority, and tells browsers to come by TLS alone', async () => {
    expect(running.base).toMatch(/^https:\/\/localhost:\d+\/fhir$/);
    const { status, headers } = await ask({ cert: readFileSync(cert), key: readFileSync(certKey) });
    expect(status).toBe(200);
    expect(headers).toHaveProperty('strict-transport-security');
  });

  test('lets nobody connect who has none', async () => {
    await expect(ask({})).rejects.toThrow();
  });

  test('does not start with half of what it needs, or a file that is not there', () => {
    expect(() => readSettings({ TLS_CERT: cert })).toThrow(
      'TLS_KEY takes the path of a file that can be read',
    );
    expect(() => readSettings({ TLS_CERT: join(folder, 'none'), TLS_KEY: certKey })).toThrow(
      'TLS_CERT takes',
    );
  });
});

describe('secrets', () => {
  test('come from the environment or a file, and do not stand in the message when they are wrong', () => {
    const file = join(folder, 'uri');
    writeFileSync(file, 'mongodb://county:secret@db.example/zhuanzhen\n');
    expect(readSettings({ AUTH: 'off', MONGODB_URI_FILE: file }).mongodbUri).toBe(
      'mongodb://county:secret@db.example/zhuanzhen',
    );
    writeFileSync(file, 'not-a-key-but-secret');
    expect(() => readSettings({ SIGNING_KEYS_FILE: file })).toThrow('SIGNING_KEYS takes a JWKS');
    expect(() => readSettings({ SIGNING_KEYS: 'not-a-key-but-secret' })).not.toThrow('secret');
  });

  test('several servers on one MongoDB do not start without common signing keys', () => {
    expect(() => readSettings({ MONGODB_URI: 'mongodb://127.0.0.1/x' })).toThrow(
      'SIGNING_KEYS takes with MONGODB_URI',
    );
  });
});
