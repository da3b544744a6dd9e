import { isElement } from '../resource.ts';
import type { Schema } from './schema.ts';

/** The schema of a value that must be just this. */
export function exactly(value: unknown): Schema {
  return { const: value };
}

/**
 * The schema of a value that must have at least this: "in objects, all properties … must be there, with a value that
 * matches; of arrays, each item of the pattern must match one" (ElementDefinition.pattern[x]).
 */
export function atLeast(pattern: unknown): Schema {
  if (Array.isArray(pattern)) return { allOf: pattern.map((item) => ({ contains: atLeast(item) })) };
  if (!isElement(pattern)) return exactly(pattern);
  return {
    required: Object.keys(pattern),
    properties: Object.fromEntries(Object.entries(pattern).map(([name, value]) => [name, atLeast(value)])),
  };
}
