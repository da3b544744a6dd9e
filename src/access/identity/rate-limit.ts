/** Bounds on how often one asks. */
export interface RateLimitSettings {
  /** Requests a minute; as many can come at once. */
  perMinute: number;
  now: () => number;
}

/** Takes a request of a client: gives 0, or how many seconds the client has to wait. */
export type RateLimit = (client: string) => number | Promise<number>;

/** How many clients are counted at once: beyond them the one that asked longest ago is forgotten. */
const mostClients = 20_000;
/** A process takes requests for a client by this part of what is left, to ask seldom and leave some for the others. */
const share = 64;
/** So long a process may use what it has taken, in milliseconds. */
const holds = 1_000;

/** Token buckets, one for each client. */
export interface Buckets {
  take(client: string): number;
  /** Takes some for a process that counts them down itself: gives how many, or, less than 0, the seconds to wait. */
  takeSome(client: string): number;
}

/** Token buckets in memory, of the process that counts for all of a server. */
export function createBuckets({ perMinute, now }: RateLimitSettings): Buckets {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMillisecond = perMinute / 60_000;

  function filled(client: string): { left: number } {
    const at = now();
    let bucket = buckets.get(client);
    if (!bucket) {
      if (buckets.size >= mostClients) buckets.delete(buckets.keys().next().value!);
      bucket = { left: perMinute, at };
      buckets.set(client, bucket);
    }
    bucket.left = Math.min(perMinute, bucket.left + Math.max(0, at - bucket.at) * perMillisecond);
    bucket.at = at;
    return bucket;
  }

  const wait = (left: number) => Math.ceil((1 - left) / perMillisecond / 1000);
  return {
    take: (client) => {
      const bucket = filled(client);
      if (bucket.left < 1) return wait(bucket.left);
      bucket.left--;
      return 0;
    },
    takeSome: (client) => {
      const bucket = filled(client);
      if (bucket.left < 1) return -wait(bucket.left);
      const some = Math.max(1, Math.floor(bucket.left / share));
      bucket.left -= some;
      return some;
    },
  };
}

/** The bound of a server that is one process. */
export function createRateLimit(settings: RateLimitSettings): (client: string) => number {
  return createBuckets(settings).take;
}

/** The bound of a process whose buckets are elsewhere: what it takes there is for all processes together. */
export function shareRateLimit(takeSome: (client: string) => Promise<number>, now: () => number): RateLimit {
  const taken = new Map<string, { left: number; until: number }>();

  async function ask(client: string): Promise<number> {
    const some = await takeSome(client);
    if (some < 0) return -some;
    if (taken.size >= mostClients) taken.delete(taken.keys().next().value!);
    taken.set(client, { left: some - 1, until: now() + holds });
    return 0;
  }

  return (client) => {
    const own = taken.get(client);
    if (!own || own.left < 1 || own.until <= now()) return ask(client);
    own.left--;
    return 0;
  };
}
