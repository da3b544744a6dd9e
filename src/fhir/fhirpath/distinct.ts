import { equalItems } from './equality.ts';
import { type Item, type Items, operand } from './node.ts';
import { Quantity } from './quantity.ts';
import { type Scope, spend } from './scope.ts';
import { Temporal } from './temporal.ts';

/** A set of items in which equal ones (`=`) are kept once, in the order in which they came. */
export class DistinctItems {
  readonly items: Item[] = [];
  readonly #scope: Scope;
  #buckets: Map<string, Item[]> | undefined;

  constructor(scope: Scope, items: Items = []) {
    this.#scope = scope;
    for (const item of items) this.add(item);
  }

  /** Adds an item; false when an equal one is there. */
  add(item: Item): boolean {
    const candidates = this.#candidates(item);
    if (candidates.some((other) => equalItems(other, item, this.#scope))) return false;
    if (candidates !== this.items) candidates.push(item);
    this.items.push(item);
    return true;
  }

  has(item: Item): boolean {
    return this.#candidates(item).some((other) => equalItems(other, item, this.#scope));
  }

  /** The items that may be equal to this one. Few items are compared one by one, many are sorted into buckets first. */
  #candidates(item: Item): Item[] {
    if (this.items.length < 8) return this.items;
    if (!this.#buckets) {
      this.#buckets = new Map();
      for (const known of this.items) this.#bucket(known).push(known);
    }
    return this.#bucket(item);
  }

  #bucket(item: Item): Item[] {
    const key = this.#keyOf(item);
    let bucket = this.#buckets!.get(key);
    if (!bucket) {
      bucket = [];
      this.#buckets!.set(key, bucket);
    }
    return bucket;
  }

  /** Equal items have the same key. */
  #keyOf(item: Item): string {
    const value = operand(item);
    if (typeof value === 'string') return `"${value}`;
    if (typeof value === 'number' || value instanceof Quantity) return '#';
    if (value instanceof Temporal) return '@';
    if (typeof value !== 'object' || value === null) return String(value);
    const keys = Object.keys(value).sort();
    spend(this.#scope, keys.length);
    return keys
      .map((key) => {
        const member = (value as Record<string, unknown>)[key];
        return typeof member === 'string' ? `${key}=${member}` : key;
      })
      .join();
  }
}
