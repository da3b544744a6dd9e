import {
  createPasswordAttempts,
  type PasswordAttempts,
  type SignInAttempt,
} from '../access/identity/password-attempts.ts';
import { createBuckets, type RateLimit, shareRateLimit } from '../access/identity/rate-limit.ts';
import { createMissLimit, type MissLimit } from '../referral/papers/certificate/miss-limit.ts';

/** What is counted in memory to bound what clients do: for a machine, whichever of its processes they reach. */
export interface Counts {
  /** Undefined: without bound. */
  requests: RateLimit | undefined;
  passwords: PasswordAttempts;
  /** Verifications of referrals that found nothing. */
  misses: MissLimit;
}

/** What a process asks of counts that another has. */
export type CountQuestion =
  | { of: 'requests'; client: string }
  | { of: 'passwords'; attempt: SignInAttempt; isRight: boolean }
  | { of: 'misses'; client: string; isMiss: boolean };

export interface CountSettings {
  /** Requests a minute by one client; 0: without bound. */
  rateLimit: number;
  /** In milliseconds. */
  now(): number;
}

/** Counts of this process. */
export function createCounts({ rateLimit, now }: CountSettings): Counts & {
  /** The answer for another process. */
  answer(question: CountQuestion): number | Promise<number>;
} {
  const buckets = rateLimit === 0 ? undefined : createBuckets({ perMinute: rateLimit, now });
  const passwords = createPasswordAttempts(now);
  const misses = createMissLimit({ now: () => performance.now() });
  return {
    requests: buckets?.take,
    passwords,
    misses,
    answer: async (question) => {
      switch (question.of) {
        case 'requests':
          return buckets?.takeSome(question.client) ?? 1;
        case 'passwords':
          if (!question.isRight) return passwords.begin(question.attempt);
          await passwords.succeeded(question.attempt);
          return 0;
        case 'misses':
          if (!question.isMiss) return misses.wait(question.client);
          await misses.miss(question.client);
          return 0;
        default:
          throw new TypeError(`Unknown question ${question satisfies never}`);
      }
    },
  };
}

/** Counts that another process has, which `ask` asks. */
export function countsElsewhere(
  ask: (question: CountQuestion) => Promise<number>,
  { rateLimit, now }: CountSettings,
): Counts {
  return {
    requests: rateLimit === 0 ? undefined : shareRateLimit((client) => ask({ of: 'requests', client }), now),
    passwords: {
      begin: (attempt) => ask({ of: 'passwords', attempt, isRight: false }),
      succeeded: async (attempt) => void (await ask({ of: 'passwords', attempt, isRight: true })),
    },
    misses: {
      wait: (client) => ask({ of: 'misses', client, isMiss: false }),
      miss: async (client) => void (await ask({ of: 'misses', client, isMiss: true })),
    },
  };
}
