import type { Resource } from '../../../src/fhir/resource.ts';
import { kinds } from './kinds.ts';

/** A resource with one thing changed. */
export interface Mutant {
  name: string;
  kind: string;
  resource: Resource;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** So many mutants of these resources: each kind of mistake in turn, at a place that the seed decides. */
export function mutantsOf(resources: ReadonlyMap<string, Resource>, count: number, seed: number): Mutant[] {
  const random = numbers(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const names = [...resources.keys()];
  const turns = Object.entries(kinds);
  const mutants: Mutant[] = [];
  for (let turn = 0; mutants.length < count; turn++) {
    const [kind, mutate] = turns[turn % turns.length]!;
    const name = pick(names)!;
    const resource = structuredClone(resources.get(name)!);
    const done = mutate(resource, pick);
    if (done !== undefined) mutants.push({ name: `${name}: ${kind}: ${done}`, kind, resource });
  }
  return mutants;
}
