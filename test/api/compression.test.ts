import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** Letters that compress badly, so that an answer waits for its reader. */
const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);

onEachEngine((server) => {
  const ask = (path: string, encoding?: string) =>
    new Promise<{ encoding: string | undefined; vary: string | undefined; body: string }>(
      (resolve, reject) => {
        get(
          `${server.base}${path}`,
          { headers: { ...(encoding && { 'Accept-Encoding': encoding }) } },
          (answer) => {
            const { 'content-encoding': sent, vary } = answer.headers;
            const read = sent === 'gzip' ? answer.pipe(createGunzip()) : answer;
            text(read).then((body) => resolve({ encoding: sent, vary, body }), reject);
          },
        ).on('error', reject);
      },
    );

  test.each([
    ['a short one', 10, undefined],
    ['a long one', 10_000, 'gzip'],
    ['one that is sent in parts', 900_000, 'gzip'],
  ])(
    'an answer, %s, is compressed where that saves something and the client accepts it',
    async (_, length, sent) => {
      const basic = { resourceType: 'Basic', code: { text: noise(length) } };
      const { body } = await server.post('/Basic', basic).expect(201);
      const plain = await ask(`/Basic/${body.id}`);
      expect(plain).toMatchObject({ encoding: undefined, body: JSON.stringify(body) });
      const compressed = await ask(`/Basic/${body.id}`, 'gzip');
      expect(compressed).toMatchObject({ encoding: sent, body: plain.body });
      for (const { vary } of [plain, compressed]) expect(vary).toContain('Accept-Encoding');
    },
  );
});
