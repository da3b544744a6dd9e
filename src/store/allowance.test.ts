import { describe, expect, test } from '@jest/globals';
import { all } from '../fhir/search/query.ts';
import { withAllowance } from './allowance.ts';
import type { Allowance, Store, Transaction } from './store.ts';

/** A store that tells what it was allowed, and takes its time before it answers. */
function storeThatTells(allowed: Allowance[]): Store {
  const reader = {
    count: async (_type: string, _filter: unknown, allowance: Allowance) => {
      allowed.push(allowance);
      const end = performance.now() + 5;
      while (performance.now() < end) await Promise.resolve();
      return 0;
    },
  };
  return {
    ...reader,
    write: (work: (transaction: Transaction) => Promise<unknown>) => work(reader as unknown as Transaction),
  } as unknown as Store;
}

describe('the allowance of a request', () => {
  test('is one for all that it asks, in transactions, too', async () => {
    const allowed: Allowance[] = [];
    const store = withAllowance(storeThatTells(allowed), { timeout: 100, client: 'a' });
    await store.count('Patient', all);
    await store.write((transaction) => transaction.count('Patient', all));
    expect(allowed.map(({ client }) => client)).toEqual(['a', 'a']);
    expect(allowed[0]!.timeout).toBe(100);
    expect(allowed[1]!.timeout).toBeLessThanOrEqual(95);
  });

  test('leaves a question its own bound where that is narrower', async () => {
    const allowed: Allowance[] = [];
    const store = withAllowance(storeThatTells(allowed), { timeout: 100 });
    await store.count('Patient', all, { timeout: 7 });
    expect(allowed[0]!.timeout).toBe(7);
  });

  test('begins no write for a client that is gone', async () => {
    const store = withAllowance(storeThatTells([]), { signal: AbortSignal.abort(new Error('gone')) });
    await expect(store.write((transaction) => transaction.count('Patient', all))).rejects.toThrow('gone');
  });
});
