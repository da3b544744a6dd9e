/** Who waits, by who asks: each of those has its turn, however many another has put in. */
export interface Turns<T> {
  readonly size: number;
  /** Adds one at the end of its owner's line. Gives the one that has to go because too many wait, be it this one. */
  add(owner: unknown, item: T): T | undefined;
  /** Takes the next one that fits: the first of that owner whose last turn is longest ago. */
  take(fits: (item: T) => boolean): T | undefined;
  remove(owner: unknown, item: T): void;
}

/**
 * A fair queue. When more than `most` wait, the newest of the longest line goes: who asks much is refused first, and
 * who asks little is not refused because of them.
 */
export function takeTurns<T>(most: number): Turns<T> {
  // In the order of their turns.
  const lines = new Map<unknown, T[]>();
  let size = 0;

  function remove(owner: unknown, item: T): void {
    const line = lines.get(owner);
    const at = line?.indexOf(item) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    size--;
    if (line.length === 0) lines.delete(owner);
  }

  return {
    get size() {
      return size;
    },
    add(owner, item) {
      const line = lines.get(owner);
      if (line) line.push(item);
      else lines.set(owner, [item]);
      size++;
      if (size <= most) return undefined;
      const [longest, items] = [...lines].reduce((a, b) => (b[1].length >= a[1].length ? b : a));
      const newest = items.at(-1)!;
      remove(longest, newest);
      return newest;
    },
    take(fits) {
      for (const [owner, line] of lines) {
        const item = line.find(fits);
        if (item === undefined) continue;
        remove(owner, item);
        if (lines.delete(owner)) lines.set(owner, line);
        return item;
      }
      return undefined;
    },
    remove,
  };
}
