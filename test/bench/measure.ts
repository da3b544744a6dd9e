/** How a measure runs: as many works side by side as there are clients, each starting its next when one ends. */
export interface Effort {
  clients: number;
  /** How long it is measured, in seconds. */
  seconds: number;
}

export interface Figures {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  done: number;
  errors: number;
}

/** Not measured: the time in which code is compiled, caches fill and connections open. As a part of the measure. */
const warmUp = 0.25;
/** No measure does more than this, however fast it is. */
const most = 500_000;

/**
 * Runs `work(client)` again and again and gives how often and how fast it was done; it resolves to false when the
 * answer is not the right one. `started` is called when the warm-up is over.
 */
export async function measure(
  work: (client: number) => Promise<boolean>,
  { clients, seconds }: Effort,
  started: () => Promise<void> = async () => {},
): Promise<Figures> {
  await repeat(work, clients, seconds * warmUp);
  await started();
  const begin = performance.now();
  const { times, errors } = await repeat(work, clients, seconds);
  const elapsed = (performance.now() - begin) / 1_000;
  times.sort((a, b) => a - b);
  const quantile = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    perSecond: times.length / elapsed,
    p50: quantile(0.5),
    p99: quantile(0.99),
    done: times.length,
    errors,
  };
}

async function repeat(work: (client: number) => Promise<boolean>, clients: number, seconds: number) {
  const times: number[] = [];
  let errors = 0;
  const end = performance.now() + seconds * 1_000;
  const run = async (client: number) => {
    for (let now = performance.now(); now < end && times.length < most; ) {
      if (!(await work(client))) errors += 1;
      const after = performance.now();
      times.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  return { times, errors };
}
