import type { IncomingMessage } from 'node:http';
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { largeBody } from '../large-requests/messages.ts';
import type { BodyShare } from './body-room.ts';

/** Whether a request says that it has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A body as it came, in pieces: putting together those of a large one would keep others waiting. */
export interface ReceivedBody {
  chunks: readonly Buffer[];
  size: number;
}

/**
 * Reads a whole body, decompressed. Refuses with 413 as soon as it is larger than `limit` bytes, before or after
 * decompression, with 415 an encoding that is not known, and with 503 when the room for large bodies is taken.
 */
export async function readBody(
  message: IncomingMessage,
  limit: number,
  share?: BodyShare,
): Promise<ReceivedBody> {
  if (Number(message.headers['content-length'] ?? 0) > limit)
    throw refuse(refusals.bodyTooLarge, [String(limit)]);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoded(message)) {
      const { length } = chunk as Buffer;
      size += length;
      if (size > limit) throw refuse(refusals.bodyTooLarge, [String(limit)]);
      if (size >= largeBody) share?.take(size - length < largeBody ? size : length);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // What else can go wrong is the client's: it went away, or its bytes are not what it says.
    const problem = message.complete
      ? { zh: '请求体的压缩格式与所称不符', en: 'the body is not compressed as it says' }
      : { zh: '请求体不完整', en: 'the body is not complete' };
    throw refuse(refusals.invalidRequest, [problem]);
  }
  return { chunks, size };
}

/** A body that is not large, as one. */
export function joined({ chunks }: ReceivedBody): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function decoded(message: IncomingMessage): AsyncIterable<unknown> {
  const encoding = message.headers['content-encoding']?.toLowerCase() ?? 'identity';
  switch (encoding) {
    case 'identity':
      return message;
    case 'gzip':
    case 'x-gzip':
      return through(message, createGunzip());
    case 'deflate':
      return through(message, createInflate());
    case 'br':
      return through(message, createBrotliDecompress());
    default:
      throw refuse(refusals.unsupportedMediaType, [encoding.slice(0, 50), 'gzip, deflate, br']);
  }
}

/** The decoder, which fails when the message does: a plain pipe would wait for ever. */
function through(message: IncomingMessage, decoder: Transform): Transform {
  return pipeline(message, decoder, () => {});
}
