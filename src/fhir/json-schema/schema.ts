/** A JSON Schema (https://json-schema.org/draft/2020-12/schema). */
export type Schema = Record<string, unknown>;

export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** All of these at once, as few schemas as say it. */
export function allOf(parts: readonly Schema[]): Schema {
  const some = parts.filter((part) => Object.keys(part).length > 0);
  if (some.length <= 1) return some[0] ?? {};
  return { allOf: some };
}
