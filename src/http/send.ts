import type { ServerResponse } from 'node:http';
import type { AnswerShare } from '../interactions/answer-room.ts';

/** So many characters or bytes are written at once. */
const pieceLength = 262_144;

/**
 * Sends a body as fast as it is read: piece by piece, each after the one before has left, and a text is encoded no sooner.
 * It is held by a share of the room for answers until it has been sent, or the connection is closed.
 */
export function send(response: ServerResponse, body: string | Uint8Array, share?: AnswerShare): void {
  if (body.length <= pieceLength) {
    response.end(body);
    return;
  }
  let sent = 0;
  const next = () => {
    share?.progress();
    while (!response.destroyed && sent < body.length) {
      const end = endOfPiece(body, sent);
      const piece = typeof body === 'string' ? body.slice(sent, end) : body.subarray(sent, end);
      sent = end;
      if (sent === body.length) response.end(piece);
      else if (!response.write(piece)) return;
    }
  };
  response.on('drain', next);
  next();
}

/** Where the piece ends that begins at a place: never between the two halves of one character. */
function endOfPiece(body: string | Uint8Array, from: number): number {
  const end = Math.min(from + pieceLength, body.length);
  const isHalf = typeof body === 'string' && end < body.length && /[\ud800-\udbff]/.test(body[end - 1]!);
  return isHalf ? end - 1 : end;
}
