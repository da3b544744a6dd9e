/** A source of chance that gives the same for the same seed, on every machine. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** One of several, each as likely as its weight says. */
  pick<T>(from: readonly (readonly [T, number])[]): T;
  /** One of several that are equally likely. */
  one<T>(from: ArrayLike<T>): T;
  chance(share: number): boolean;
}

/** Mulberry32: small, quick, and good enough for what is made up. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick: (from) => {
      let at = next() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [each, weight] of from) {
        at -= weight;
        if (at < 0) return each;
      }
      return from.at(-1)![0];
    },
    one: (from) => from[between(0, from.length - 1)]!,
    chance: (share) => next() < share,
  };
}
