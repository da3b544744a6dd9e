import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What of a subscription is never shown: the headers with their values, and what notifications are signed with. */
export interface Secrets {
  headers: readonly string[];
  secret?: string;
}

/** Seals secrets so that they can stand in a resource, and opens them. */
export interface Seal {
  seal(secrets: Secrets): string;
  /** Undefined where it was sealed with another key. */
  open(sealed: string): Secrets | undefined;
}

const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a key of 32 bytes, base64url. */
export function createSeal(key: string): Seal {
  const bytes = Buffer.from(key, 'base64url');
  return {
    seal: (secrets) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', bytes, iv);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open: (sealed) => {
      const given = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', bytes, given.subarray(0, ivBytes));
        decipher.setAuthTag(given.subarray(ivBytes, ivBytes + tagBytes));
        const text = Buffer.concat([decipher.update(given.subarray(ivBytes + tagBytes)), decipher.final()]);
        return JSON.parse(text.toString('utf8')) as Secrets;
      } catch {
        return undefined;
      }
    },
  };
}
