import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { sendStreamed } from './send-streamed.ts';

/** A response that has room again after each piece, and keeps every listener for it, as compression does. */
class SlowResponse extends EventEmitter {
  readonly req = { method: 'GET' };
  readonly destroyed = false;
  readonly written: string[] = [];
  drains = 0;
  isEnded = false;

  override on(event: string, listener: () => void): this {
    if (event === 'drain') this.drains++;
    return super.on(event, listener);
  }

  write(bytes: string): boolean {
    this.written.push(bytes);
    setImmediate(() => this.emit('drain'));
    return false;
  }

  end(): void {
    this.isEnded = true;
  }
}

async function* pieces(many: number) {
  for (let n = 0; n < many; n++) yield { bytes: `piece ${n}` };
}

test('many pieces are sent, each when there is room for it, by one listener', async () => {
  const response = new SlowResponse();
  await sendStreamed(response as never, { type: 'text/csv', pieces: pieces(40) });
  expect(response.written).toEqual(Array.from({ length: 40 }, (_, n) => `piece ${n}`));
  expect([response.isEnded, response.drains]).toEqual([true, 1]);
});
