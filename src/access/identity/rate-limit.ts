/** Bounds on how often one asks. */
export interface RateLimit {
  /** Requests a minute; as many can come at once. */
  perMinute: number;
  now: () => number;
}

/** How many clients are counted at once: beyond them the one that asked longest ago is forgotten. */
const mostClients = 20_000;

/**
 * A token bucket for each client: `take` gives 0, or how many seconds the client has to wait. In memory, so each process
 * of several counts for itself.
 */
export function createRateLimit({ perMinute, now }: RateLimit): (client: string) => number {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMillisecond = perMinute / 60_000;
  return (client) => {
    const at = now();
    let bucket = buckets.get(client);
    if (!bucket) {
      if (buckets.size >= mostClients) buckets.delete(buckets.keys().next().value!);
      bucket = { left: perMinute, at };
      buckets.set(client, bucket);
    }
    bucket.left = Math.min(perMinute, bucket.left + Math.max(0, at - bucket.at) * perMillisecond);
    bucket.at = at;
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perMillisecond / 1000);
    bucket.left--;
    return 0;
  };
}
