import { createHash, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';

/** The keys that the server signs its tokens with. The first signs; the others still verify, while they are rotated. */
export interface SigningKeys {
  readonly all: readonly JWK[];
  /** Secrets for other purposes, made from the first key, so that all processes have the same. */
  secret(purpose: string): string;
}

export const signingAlgorithm = 'ES384';

/** A new key: the JSON text of a JWKS, as the setting SIGNING_KEYS takes it. */
export function makeSigningKeys(): string {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(`${key.x}.${key.y}`).digest('base64url').slice(0, 16);
  return `${JSON.stringify({ keys: [{ ...key, kid, alg: signingAlgorithm, use: 'sig' }] }, null, 2)}\n`;
}

/** Reads a JWKS of private ES384 keys; undefined when the text is none. */
export function readSigningKeys(text: string): SigningKeys | undefined {
  let keys: JWK[];
  try {
    keys = (JSON.parse(text) as { keys: JWK[] }).keys;
  } catch {
    return undefined;
  }
  const isKey = (key: JWK) => key?.kty === 'EC' && key.crv === 'P-384' && !!key.d && !!key.kid;
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isKey)) return undefined;
  return {
    all: keys.map((key) => ({ ...key, alg: signingAlgorithm, use: 'sig' })),
    secret: (purpose) =>
      Buffer.from(hkdfSync('sha256', keys[0]!.d!, '', `zhuanzhen ${purpose}`, 32)).toString('base64url'),
  };
}

/** The keys of a folder's `signing-keys.json`, which is made, for its owner alone to read, when it is not there. */
export function signingKeysIn(folder: string): SigningKeys {
  const file = join(folder, 'signing-keys.json');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(file, makeSigningKeys(), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process was quicker: its keys are the keys.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const keys = readSigningKeys(readFileSync(file, 'utf8'));
  if (!keys) throw new Error(`${file} is not a JWKS of private ES384 keys`);
  return keys;
}
