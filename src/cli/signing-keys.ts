import { makeSigningKeys } from '../access/identity/signing-keys.ts';

/** Prints new signing keys, for a file that SIGNING_KEYS_FILE names: the same for all servers on one MongoDB. */
process.stdout.write(makeSigningKeys());
