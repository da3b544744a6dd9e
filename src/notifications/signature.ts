import { createHmac } from 'node:crypto';

/** What is signed: an id that a repeated attempt has again, the instant in seconds since the epoch, and the body. */
export interface Signed {
  id: string;
  timestamp: number;
  body: string;
}

/**
 * The headers by which a receiver knows that a notification is this server's, and that nobody has sent an old one again:
 * HMAC-SHA256 over id, timestamp and body (https://github.com/standard-webhooks/standard-webhooks).
 */
export function signatureHeaders(secret: string, { id, timestamp, body }: Signed): Record<string, string> {
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}

/** A secret is `whsec_` and base64, or any text, whose UTF-8 is the key. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
}
