import { and, none, not, or, type Query } from './query.ts';

/**
 * A filter on the target of a reference as a filter on the resource that contains that target: "a chained condition will
 * be evaluated inside contained resources" (http://hl7.org/fhir/R4/search.html#contained). What a contained resource
 * is found by stands under the names that lead to it, `medication:Medication.code|…`.
 */
export function insideContained(filter: Query, name: string, target: string): Query {
  return within(filter, `${name}:${target}.`);
}

/**
 * The filter for resources that contain one of a type that matches (`_contained=true`, same place of the
 * specification). When several are contained, each part of the filter may hold of another one.
 */
export function containing(filter: Query, type: string): Query {
  return within(filter, `#${type}.`);
}

/** Where something must be absent, the contained resource itself must still be there. */
function within(filter: Query, start: string): Query {
  const inside = renamed(filter, start);
  return inside.kind === 'none' || !negates(filter)
    ? inside
    : and([{ kind: 'term', term: `${start}|` }, inside]);
}

function renamed(query: Query, start: string): Query {
  switch (query.kind) {
    case 'all':
      return { kind: 'term', term: `${start}|` };
    case 'and':
      return and(query.of.map((part) => renamed(part, start)));
    case 'or':
      return or(query.of.map((part) => renamed(part, start)));
    case 'not':
      return not(renamed(query.of, start));
    case 'term':
      return { kind: 'term', term: start + query.term };
    case 'terms':
      return { kind: 'terms', low: start + query.low, high: start + query.high };
    case 'contains':
      return { ...query, prefix: start + query.prefix };
    case 'interval':
    case 'chain':
      return { ...query, name: start + query.name };
    // A contained resource has no address, no history, words and readers of its own, and nothing else refers to it.
    case 'none':
    case 'id':
    case 'updated':
    case 'word':
    case 'readers':
    case 'has':
      return none;
  }
}

function negates(query: Query): boolean {
  if (query.kind === 'and' || query.kind === 'or') return query.of.some(negates);
  return query.kind === 'not';
}
