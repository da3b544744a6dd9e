import { type SigningKeys, signingKeysIn } from './signing-keys.ts';
import type { State } from './state/state.ts';

/** Where the issuer's keys and memory are; see `settings.ts`. */
export interface IdentityPlace {
  dataDir: string;
  mongodbUri: string | undefined;
  mongodbTimeout: number;
  signingKeys: SigningKeys | undefined;
}

/** The signing keys of the settings, else those of the data folder, made when it has none. */
export function keysOf({ signingKeys, dataDir }: IdentityPlace): SigningKeys {
  return signingKeys ?? signingKeysIn(dataDir);
}

/** Where the issuer remembers, and where answers are kept that are fetched later: a file, or a collection, of this name. */
export type StateName = 'identity' | 'answers';

/** A memory beside the data of the same engine. */
export async function openState(
  { mongodbUri, mongodbTimeout, dataDir }: Omit<IdentityPlace, 'signingKeys'>,
  name: StateName = 'identity',
): Promise<State> {
  if (mongodbUri) {
    const { openMongoState } = await import('./state/mongodb.ts');
    return openMongoState(mongodbUri, mongodbTimeout, { name });
  }
  const { openSqliteState } = await import('./state/sqlite.ts');
  return openSqliteState(dataDir, { name });
}
