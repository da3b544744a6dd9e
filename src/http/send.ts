import type { ServerResponse } from 'node:http';
import type { Piece } from '../interactions/answer.ts';
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
export type Body = Piece | readonly Piece[];

export function isInPieces(body: Body): body is readonly Piece[] {
  return Array.isArray(body);
}

/** Pieces of which short texts come together, and long ones are cut. */
function* joined(pieces: readonly Piece[]): Generator<Piece, undefined> {
  let waiting = '';
  for (const piece of pieces) {
    const isLong = typeof piece !== 'string' || piece.length > pieceLength;
    if (waiting !== '' && (isLong || waiting.length + piece.length > pieceLength)) {
      yield waiting;
      waiting = '';
    }
    if (isLong) yield* cut(piece);
    else waiting += piece;
  }
  if (waiting !== '') yield waiting;
}

function* cut(body: Piece): Generator<Piece, undefined> {
  for (let from = 0; from < body.length; ) {
    const end = endOfPiece(body, from);
    yield typeof body === 'string' ? body.slice(from, end) : body.subarray(from, end);
    from = end;
  }
}

/** Where the piece ends that begins at a place: never between the two halves of one character. */
function endOfPiece(body: Piece, from: number): number {
  const end = Math.min(from + pieceLength, body.length);
  const isHalf = typeof body === 'string' && end < body.length && /[\ud800-\udbff]/.test(body[end - 1]!);
  return isHalf ? end - 1 : end;
}
