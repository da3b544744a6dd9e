import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import { compareText, startingWith } from '../../fhir/search/code-points.ts';
import { or, type Query } from '../../fhir/search/query.ts';
import type { Reader } from '../../store/store.ts';
import { type Labels, labelsOf, withLabels } from './labels.ts';

/** The terms that labels are found by: those of the search parameters `_profile`, `_security` and `_tag`. */
const ranges = ['_profile|', '_security|', '_tag|'].map(startingWith);

/** Bounds: resources looked at in one step, and labels told of one type. */
const atOnce = 50;
const mostTerms = 2_000;

/**
 * The labels that the resources of a type carry. Each step asks for resources that have a label which is not known yet,
 * so the cost grows with the number of different labels, not with that of resources.
 */
export async function findLabels(reader: Reader, type: string, timeout: number): Promise<Labels> {
  const known = new Set<string>();
  let labels: Labels = {};
  while (known.size < mostTerms) {
    const found = await reader.search(
      { type, filter: otherThan(known), sort: [], limit: atOnce },
      { timeout },
    );
    const before = known.size;
    for (const { version, terms } of found) {
      for (const term of terms) if (ranges.some((range) => isWithin(term, range))) known.add(term);
      labels = withLabels(labels, labelsOf((readJson(version.text) as Resource).meta));
    }
    if (known.size === before) break;
  }
  return labels;
}

/** The query for the gaps between what is known. */
function otherThan(known: ReadonlySet<string>): Query {
  const terms = [...known].sort(compareText);
  return or(
    ranges.flatMap(({ low, high }) => {
      const inside = terms.filter((term) => isWithin(term, { low, high }));
      return [...inside, undefined].map((term, at) => ({
        kind: 'terms' as const,
        low: at === 0 ? low : after(inside[at - 1]!),
        high: term ?? high,
      }));
    }),
  );
}

/** The least text behind a term that a term can be. */
function after(term: string): string {
  return `${term}\u{1}`;
}

function isWithin(term: string, { low, high }: { low: string; high: string }): boolean {
  return compareText(term, low) >= 0 && compareText(term, high) < 0;
}
