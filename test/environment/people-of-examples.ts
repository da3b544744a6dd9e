import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../examples/', import.meta.url);

/** The texts of the example bundles. */
export const exampleBundles = ['valid', 'invalid', 'steps'].flatMap((name) =>
  readdirSync(new URL(`${name}/`, folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8')),
);

interface Person {
  resourceType: string;
  name?: { text?: string; family?: string }[];
  identifier?: { value?: string }[];
  telecom?: { value?: string }[];
  address?: { text?: string; line?: string[] }[];
}

/** All that patients of the examples and those close to them are known by: names, numbers, phones, addresses. */
export const knownBy: ReadonlySet<string> = new Set(
  exampleBundles
    .flatMap((text) => (JSON.parse(text).entry ?? []) as { resource?: Person }[])
    .flatMap(({ resource }) =>
      resource && ['Patient', 'RelatedPerson', 'Person'].includes(resource.resourceType) ? resource : [],
    )
    .flatMap(({ name = [], identifier = [], telecom = [], address = [] }) => [
      ...name.flatMap(({ text, family }) => [text, family]),
      ...[...identifier, ...telecom].map(({ value }) => value),
      ...address.flatMap(({ text, line = [] }) => [text, ...line]),
    ])
    .filter((each) => each !== undefined && each.length > 1) as string[],
);

/** Whom a text names, be it as in an address. */
export function namedIn(text: string): string[] {
  return [...knownBy].filter((each) => text.includes(each) || text.includes(encodeURIComponent(each)));
}
