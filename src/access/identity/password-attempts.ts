import { createAttempts } from './attempts.ts';

/** What an attempt to sign in comes from. */
export interface SignInAttempt {
  name: string;
  address: string;
}

/** Bounds how often passwords are guessed. */
export interface PasswordAttempts {
  /**
   * How long to wait, in milliseconds, before a password is looked at; 0: not at all. Then it is counted as wrong, before
   * that is known: of many at once most are not looked at.
   */
  begin(attempt: SignInAttempt): number | Promise<number>;
  /** The password was right after all. */
  succeeded(attempt: SignInAttempt): void | Promise<void>;
}

const window = 15 * 60_000;

/** Counts wrong passwords by name and address together, of an address whichever names it tries, and for a name. */
export function createPasswordAttempts(now: () => number): PasswordAttempts {
  const [ofBoth, ofAddress, ofName] = [5, 50, 100].map((most) => createAttempts({ most, window, now }));
  const counts = ({ name, address }: SignInAttempt) =>
    [
      [ofBoth!, `${address} ${name}`],
      [ofAddress!, address],
      [ofName!, name],
    ] as const;
  return {
    begin: (attempt) => {
      const wait = Math.max(...counts(attempt).map(([attempts, key]) => attempts.wait(key)));
      if (wait > 0) return wait;
      for (const [attempts, key] of counts(attempt)) attempts.failed(key);
      return 0;
    },
    succeeded: (attempt) => {
      for (const [attempts, key] of counts(attempt)) attempts.succeeded(key);
    },
  };
}
