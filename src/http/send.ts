import type { ServerResponse } from 'node:http';
import type { AnswerShare } from '../interactions/answer-room.ts';

/** So many characters or bytes are written at once. */
const pieceLength = 262_144;

/**
 * Sends a body as fast as it is read: piece by piece, each after the one before has left, and a text is encoded no sooner.
 * It is held by a share of the room for answers until it has been sent, or the connection is closed.
 */
export function send(response: ServerResponse, body: Body, share?: AnswerShare): void {
  if (!isInPieces(body) && body.length <= pieceLength) {
    response.end(body);
    return;
  }
  const pieces = isInPieces(body) ? joined(body) : cut(body);
  const next = () => {
    share?.progress();
    while (!response.destroyed) {
      const { value, done } = pieces.next();
      if (done) {
        response.off('drain', next).end();
        return;
      }
      if (!response.write(value)) return;
    }
  };
  response.on('drain', next);
  next();
}

/** A body, of which a long one can be in pieces. */
export type Body = string | Uint8Array | readonly string[];

export function isInPieces(body: Body): body is readonly string[] {
  return Array.isArray(body);
}

/** The pieces of a text of which short ones come together, and long ones are cut. */
function* joined(texts: readonly string[]): Generator<string | Uint8Array, undefined> {
  let waiting = '';
  for (const text of texts) {
    if (waiting.length + text.length > pieceLength && waiting !== '') {
      yield waiting;
      waiting = '';
    }
    if (text.length > pieceLength) yield* cut(text);
    else waiting += text;
  }
  if (waiting !== '') yield waiting;
}

function* cut(body: string | Uint8Array): Generator<string | Uint8Array, undefined> {
  for (let from = 0; from < body.length; ) {
    const end = endOfPiece(body, from);
    yield typeof body === 'string' ? body.slice(from, end) : body.subarray(from, end);
    from = end;
  }
}

/** Where the piece ends that begins at a place: never between the two halves of one character. */
function endOfPiece(body: string | Uint8Array, from: number): number {
  const end = Math.min(from + pieceLength, body.length);
  const isHalf = typeof body === 'string' && end < body.length && /[\ud800-\udbff]/.test(body[end - 1]!);
  return isHalf ? end - 1 : end;
}
