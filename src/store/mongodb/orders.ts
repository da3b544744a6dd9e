import { byParameter } from '../../fhir/search/order.ts';
import type { SearchRequest } from '../store.ts';
import type { Collections } from './collections.ts';
import { sortOf } from './search.ts';

/** The indexes that give resources in the order of a sort, made when one is missed. */
export interface Orders {
  /** Runs a search. Where it reads and sorts very much, the index is made by which the next one need not. */
  watch<T>(request: SearchRequest, run: () => Promise<T>): Promise<T>;
  /** Resolves when those are made that were begun. */
  made(): Promise<void>;
}

/** A sorted search that takes longer, in milliseconds, is worth an index. */
const long = 100;
/** So few resources are sorted faster than anybody notices. */
const sortedAnyway = 1_000;
/** An order of more keys than that is made by sorting. */
const mostKeys = 3;
/** So many orders a type may have: each costs every write of a resource something, and MongoDB bounds all indexes. */
const mostOrders = 8;

/** Makes indexes while requests go on: MongoDB holds neither reads nor writes meanwhile. */
export function ordersOf(collections: Collections, log: (message: string) => void): Orders {
  const known = new Set<string>();
  const making = new Set<Promise<void>>();

  async function make(type: string, name: string, key: Record<string, 1 | -1>): Promise<void> {
    const current = collections.current(type);
    if ((await current.estimatedDocumentCount()) < sortedAnyway) {
      known.delete(name);
      return;
    }
    const orders = (await current.indexes()).filter((index) => index.name?.startsWith('order.'));
    if (orders.length < mostOrders) await current.createIndex(key, { name: name.slice(type.length + 1) });
  }

  function want({ type, sort }: SearchRequest): void {
    const key = sortOf(sort);
    const name = `${type}.order.${Object.entries(key).join()}`;
    if (known.has(name)) return;
    known.add(name);
    const done: Promise<void> = make(type, name, key)
      .catch((error: Error) => log(`Making the index ${name} failed: ${error.message}`))
      .finally(() => making.delete(done));
    making.add(done);
  }

  return {
    watch: async (request, run) => {
      const { filter, sort } = request;
      if (!byParameter(sort) || sort.length > mostKeys) return run();
      const began = performance.now();
      const found = await run();
      if (filter.kind === 'all' || performance.now() - began > long) want(request);
      return found;
    },
    made: async () => {
      await Promise.all(making);
    },
  };
}
