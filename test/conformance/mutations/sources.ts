import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isResource, type Resource } from '../../../src/fhir/resource.ts';

const examples = new URL('../../../../shared/conformance/r4-examples/', import.meta.url);
const own = new URL('../../../examples/valid/', import.meta.url);

/** No mutant is made of what is longer: the comparison would take minutes. */
const longest = 40_000;

/** R4's examples by their file names, where they are beside the project. */
export function officialExamples(): Map<string, Resource> {
  if (!existsSync(examples)) return new Map();
  return resourcesIn(examples);
}

/** The bundles of our examples, and the resources in them, by file name and place. */
export function ownExamples(): Map<string, Resource> {
  const bundles = resourcesIn(own);
  const all = new Map(bundles);
  for (const [file, bundle] of bundles) {
    const entries = bundle.entry as { resource?: unknown }[];
    for (const [index, { resource }] of entries.entries())
      if (isResource(resource)) all.set(`${file}[${index}]`, resource);
  }
  return all;
}

function resourcesIn(folder: URL): Map<string, Resource> {
  const found = new Map<string, Resource>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    if (text.length <= longest) found.set(file.slice(0, -'.json'.length), JSON.parse(text) as Resource);
  }
  return found;
}
