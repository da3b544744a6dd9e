import type { Query } from '../fhir/search/query.ts';

/**
 * Orders conditions that all have to hold, those first that usually leave the fewest resources: ids, then references
 * and identifiers, then codes of any system, then what is left. What `Array.sort` takes.
 */
export function bySelectivity(a: Query, b: Query): number {
  return rank(a) - rank(b);
}

function rank(query: Query): number {
  if (query.kind === 'id') return 0;
  if (query.kind === 'readers') return 5;
  if (query.kind !== 'term') return 4;
  const value = query.term.slice(query.term.indexOf('|') + 1);
  return value.startsWith('>') ? 1 : value.startsWith('=') ? 3 : 2;
}
