import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { State } from './state/state.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

/** The cost of guessing (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html): 32 MB each. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const length = 32;
const kind = 'Account';

/** How a person signs in at the own issuer. What of it could be guessed from is never served. */
export interface Account {
  /** The name that is typed, in lower case. */
  name: string;
  /** `Practitioner/[id]` */
  person: string;
  isRevoked: boolean;
}

/** The accounts of people at the own issuer: one name, one password, one Practitioner each. */
export interface Accounts {
  /** Makes the account of a person, or gives it another name or password; a revoked one is let in again. */
  set(name: string, person: string, password: string): Promise<void>;
  /** The person with this name and password, or undefined. Takes as long whether or not the name is known. */
  check(name: string, password: string): Promise<string | undefined>;
  /** False when the account was revoked, undefined when the person has none. */
  mayStay(person: string): Promise<boolean | undefined>;
  /** False when there is no such account. */
  revoke(name: string): Promise<boolean>;
  all(): Promise<Account[]>;
}

/** The accounts that a state remembers. */
export function createAccounts(state: State): Accounts {
  const nobody = Buffer.alloc(length);
  return {
    set: async (name, person, password) => {
      const salt = randomBytes(16);
      const hash = await hashOf(password, salt);
      const known = await state.findByAlias(kind, person);
      if (known && known.id !== canonical(name)) await state.remove(kind, known.id);
      const value = { person, salt: salt.toString('base64'), hash: hash.toString('base64') };
      await state.put(kind, { id: canonical(name), alias: person, value });
    },
    check: async (name, password) => {
      const { value } = (await state.find(kind, canonical(name))) ?? {};
      const salt = Buffer.from(String(value?.salt ?? ''), 'base64');
      const expected = value ? Buffer.from(String(value.hash), 'base64') : nobody;
      const isRight = timingSafeEqual(await hashOf(password, salt), expected);
      return value && isRight && value.isRevoked !== true ? String(value.person) : undefined;
    },
    mayStay: async (person) => {
      const account = await state.findByAlias(kind, person);
      return account && account.value.isRevoked !== true;
    },
    revoke: async (name) => {
      const account = await state.find(kind, canonical(name));
      if (!account) return false;
      await state.put(kind, { ...account, value: { ...account.value, isRevoked: true } });
      return true;
    },
    all: async () =>
      (await state.all(kind)).map(({ id, value }) => ({
        name: id,
        person: String(value.person),
        isRevoked: value.isRevoked === true,
      })),
  };
}

/** One name, however it is typed. */
function canonical(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function hashOf(password: string, salt: Buffer): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, length, { ...cost, maxmem: 64 * 1024 * 1024 });
}
