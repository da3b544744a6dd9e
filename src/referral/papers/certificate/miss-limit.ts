/** How often a client may ask for what is not there. */
export interface MissLimit {
  /** How long the client has to wait before it may ask again, in whole seconds; 0: it may ask. */
  wait(client: string): number | Promise<number>;
  /** Counts a question that found nothing. */
  miss(client: string): void | Promise<void>;
}

export interface MissLimitSettings {
  /** So many misses at once. */
  most: number;
  /** After so many milliseconds one of them is forgotten. */
  regain: number;
  /** So many clients are remembered; of more, the one that missed longest ago is forgotten. */
  clients: number;
  /** The present instant, in milliseconds. */
  now(): number;
}

/** A client may miss so often at once, and once more after every half minute. */
const usual = { most: 20, regain: 30_000, clients: 10_000 };

/** Counts the misses of clients, in bounded memory: as a bucket that each miss fills, and that time empties. */
export function createMissLimit({
  now,
  ...settings
}: Partial<MissLimitSettings> & Pick<MissLimitSettings, 'now'>): MissLimit {
  const { most, regain, clients } = { ...usual, ...settings };
  /** When the bucket of a client will be empty; in the order of the last misses. */
  const emptyAt = new Map<string, number>();
  return {
    wait: (client) => {
      const full = (emptyAt.get(client) ?? 0) - now() - (most - 1) * regain;
      return full > 0 ? Math.ceil(full / 1_000) : 0;
    },
    miss: (client) => {
      const until = Math.max(emptyAt.get(client) ?? 0, now()) + regain;
      emptyAt.delete(client);
      emptyAt.set(client, until);
      if (emptyAt.size > clients) emptyAt.delete(emptyAt.keys().next().value!);
    },
  };
}
