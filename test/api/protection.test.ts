import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** Sends raw bytes and gives all that comes back until the server closes, or nothing more comes of `until`. */
async function exchange(url: string, bytes: Buffer, until: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
    if (until.test(answer)) socket.destroy();
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

onEachEngine(
  (server) => {
    describe('patient data on the way', () => {
      test('are kept by no cache, and no page of another origin may read them unless set', async () => {
        await server.put('/Patient/p', { resourceType: 'Patient', id: 'p' });
        const { headers } = await server
          .get('/Patient/p')
          .set('Origin', 'https://elsewhere.example')
          .expect(200);
        expect(headers['cache-control']).toBe('no-store');
        expect(headers.vary).toContain('Accept');
        expect(headers['access-control-allow-origin']).toBeUndefined();
        const allowed = await server.get('/Patient/p').set('Origin', 'https://portal.example');
        expect(allowed.headers['access-control-allow-origin']).toBe('https://portal.example');
      });
    });

    test('a body that was refused half read closes its connection: it is not taken for the next request', async () => {
      const { pathname, host } = new URL(server.base);
      const bomb = gzipSync(Buffer.alloc(64_000_000));
      const head = `POST ${pathname}/Patient HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
      // It is too large before its second half has come.
      const half = bomb.subarray(0, bomb.length >> 1);
      const answer = await exchange(server.base, Buffer.concat([Buffer.from(head), half]), /never/);
      expect(answer).toMatch(/^HTTP\/1.1 413/);
      expect(answer).toMatch(/Connection: close/i);
    });

    test('an object where a text is owed is the client’s mistake, wherever it stands', async () => {
      for (const hostile of [{ toString: 0 }, { valueOf: 1 }, [], { a: { toString: 1 } }]) {
        for (const coding of [
          { system: hostile, code: 'active' },
          { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: hostile },
        ])
          await server
            .post('/Condition', {
              resourceType: 'Condition',
              clinicalStatus: { coding: [coding] },
              subject: { reference: 'Patient/p' },
            })
            .expect(400);
        for (const coding of [
          { system: hostile, code: '85354-9' },
          { system: 'http://loinc.org', code: hostile },
        ])
          await server
            .post('/Observation', {
              resourceType: 'Observation',
              status: 'final',
              code: { coding: [coding] },
            })
            .expect(400);
      }
    });
  },
  { CORS_ORIGINS: 'https://portal.example' },
);
