/** A JSON Schema (https://json-schema.org/draft/2020-12/schema). */
export type Schema = Record<string, unknown>;

export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** All of these at once, as few schemas as say it. */
export function allOf(parts: readonly Schema[]): Schema {
  const some = parts.filter((part) => Object.keys(part).length > 0);
  if (some.length <= 1) return some[0] ?? {};
  return { allOf: some };
}

/** The consequence wherever the condition holds; elsewhere nothing, or something else. */
export function when(condition: Schema, then: Schema, otherwise?: Schema): Schema {
  return { if: condition, then, ...(otherwise && { else: otherwise }) };
}
