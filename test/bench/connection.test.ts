import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from './connection.ts';
import type { Figures } from './measure.ts';
import { ratios } from './results.ts';

/** Answers the path by its length, or in as many chunks as it has parts. */
let server: Server;
let connection: Connection;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts = request.url!.slice('/fhir/'.length).split('-');
    if (parts.length === 1) response.setHeader('Content-Length', Buffer.byteLength(parts[0]!));
    for (const part of parts) response.write(part);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  connection = new Connection(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
});
afterAll(() => {
  connection.close();
  server.close();
});

test.each([
  ['of a stated length', 'whole'],
  ['in chunks', 'first-second-third'],
  ['of a stated length after one in chunks', 'again'],
])('an answer %s is read as it was sent', async (_, path) => {
  const { status, body } = await connection.send({ method: 'GET', path });
  expect([status, body.toString()]).toEqual([200, path.replaceAll('-', '')]);
});

test('a row is compared by the best of this server’s runs, and left out where the other gave no right answer', () => {
  const ran = (target: string, measure: 'read' | 'create', perSecond?: number) => ({
    ...{ target, measure, clients: 8 },
    ...(perSecond !== undefined && { server: { perSecond } as Figures }),
  });
  const peer = 'http://peer.example/fhir';
  const results = [
    ran('embedded', 'read', 300),
    ran('embedded', 'read', 600),
    ran('embedded', 'create', 90),
    ran(peer, 'read', 200),
    ran(peer, 'create'),
  ];
  expect(ratios(results, peer)).toEqual([{ measure: 'read', ratio: 3, goal: 1.5 }]);
});
