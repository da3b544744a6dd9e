import type { Request as ExpressRequest } from 'express';
import { readRows } from '../../referral/intake/read/read.ts';
import type { Sent } from '../../referral/intake/read/sent.ts';
import { joined, readBody } from '../body.ts';
import { contentTypeOf } from '../negotiation.ts';

/** The rows of a body. Refuses with 413 and 415 as every body is, and with what its reader refuses. */
export async function readRowsOf(message: ExpressRequest, maxBodyBytes: number): Promise<Sent> {
  const bytes = joined(await readBody(message, maxBodyBytes));
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(message.headers['content-type'] ?? '') ?? [];
  return readRows(bytes, contentTypeOf(message), charset);
}
