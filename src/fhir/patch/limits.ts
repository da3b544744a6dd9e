import { refusals, refuse } from '../refusal.ts';
import type { Resource } from '../resource.ts';

/** How many operations a patch may have. */
export const mostOperations = 1000;

/** How many operations a FHIRPath Patch may have: each path is parsed and evaluated. */
export const mostPathOperations = 200;

/** How long the paths of a FHIRPath Patch may be, all together. */
export const mostPathText = 10_000;

/** How many elements the evaluation of one path may visit. */
export const mostPathSteps = 100_000;

/** How many parts a part of a FHIRPath Patch may have. */
export const mostParts = 500;

/** How many values the `copy` operations of a patch may make: each may double what an earlier one has made. */
export const mostCopied = 100_000;

/** Refuses (`refusals.patchProtected`) a patched resource that is no longer the same one. */
export function checkIdentity(before: Resource, after: Resource): void {
  for (const name of ['resourceType', 'id'] as const)
    if (before[name] !== after[name])
      throw refuse(refusals.patchProtected, [name], [`${before.resourceType}.${name}`]);
}
