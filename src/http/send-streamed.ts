import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Streamed } from '../interactions/answer.ts';
import type { AnswerShare } from '../interactions/answer-room.ts';

/** About what one piece takes until it is sent, in bytes. */
const pieceRoom = 1_048_576;

/**
 * Sends what is made piece by piece, each made once the one before has left; who goes away or does not read is waited for
 * no longer than others need the room. Throws what making a piece throws; then the answer is not whole.
 */
export async function sendStreamed(
  response: ServerResponse & { flush?(): void },
  { pieces }: Streamed,
  share?: AnswerShare,
): Promise<void> {
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  share?.hold(pieceRoom);
  const closed = once(response, 'close').catch(() => {});
  let waiting: (() => void) | undefined;
  /** Listens once for all: compression keeps each listener for `drain` that it was ever given. */
  const room = () =>
    new Promise<void>((resolve) => {
      if (!waiting) response.on('drain', () => waiting?.());
      waiting = resolve;
    });
  for await (const { bytes } of pieces) {
    if (response.destroyed) return;
    if (bytes.length === 0) continue;
    share?.progress();
    const isRoom = response.write(bytes);
    // What compression holds back would keep the reader waiting for the next piece.
    response.flush?.();
    if (!isRoom) await Promise.race([room(), closed]);
  }
  response.end();
}
