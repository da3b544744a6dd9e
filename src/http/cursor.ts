import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Cursor } from '../interactions/operation.ts';

const signatureLength = 12;

/**
 * Seals the positions that paging links carry: JSON and a signature, so that a link cannot be made up. All servers
 * of one database must have the same key, for a page may be asked of another server than the one before.
 */
export function createCursor(key: string): Cursor {
  const sign = (content: string) =>
    createHmac('sha256', key).update(content).digest().subarray(0, signatureLength);
  return {
    seal(position) {
      const content = Buffer.from(JSON.stringify(position));
      return Buffer.concat([sign(content.toString()), content]).toString('base64url');
    },
    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      const content = bytes.subarray(signatureLength).toString();
      const signature = bytes.subarray(0, signatureLength);
      if (signature.length < signatureLength || !timingSafeEqual(signature, sign(content))) return null;
      return JSON.parse(content) as unknown;
    },
  };
}
