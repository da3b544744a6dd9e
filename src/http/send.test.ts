import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { send } from './send.ts';

test.each<[string, string | Buffer | (string | Buffer)[]]>([
  ['a short text', '转诊'],
  ['a long text of characters that are two code units', `x${'𠮷'.repeat(400_000)}`],
  [
    'pieces, short and long',
    ['{', ...Array.from({ length: 9 }, () => '转诊'.repeat(60_000)), '𠮷'.repeat(400_000), '}'],
  ],
  [
    'pieces of texts and of bytes',
    ['{', Buffer.from('转诊'.repeat(60_000)), ',', Buffer.from('转诊'.repeat(600_000)), '转诊', '}'],
  ],
  ['long content', Buffer.alloc(1_000_000, 'content')],
])('%s arrives whole, however it is cut', async (_, body) => {
  const bytes = Buffer.from(Array.isArray(body) ? body.map(String).join('') : (body as string));
  const server = createServer((_, response) => {
    response.setHeader('Content-Length', bytes.length);
    send(response, body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [answer] = (await once(
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }),
    'response',
  )) as [IncomingMessage];
  const read = Buffer.concat(await answer.toArray());
  expect(read.equals(bytes)).toBe(true);
  server.close();
});
