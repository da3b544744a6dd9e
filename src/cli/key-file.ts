import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { Complaint } from './command.ts';

/** Makes an ES384 key pair; the private half goes to a new file, for its owner alone. Gives the public half. */
export function makeKeyFile(file: string): JWK {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const more = { kid: randomUUID(), alg: 'ES384', use: 'sig' };
  const text = JSON.stringify({ ...pair.privateKey.export({ format: 'jwk' }), ...more }, null, 2);
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Complaint(`${file} cannot be written: ${(error as Error).message}`);
  }
  return { ...pair.publicKey.export({ format: 'jwk' }), ...more };
}

/** The JSON of a file. */
export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Complaint(`${file} cannot be read: ${(error as Error).message}`);
  }
}
