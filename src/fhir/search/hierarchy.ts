import { insideContained } from './contained.ts';
import type { SearchContext } from './context.ts';
import type { Parameter } from './parameter.ts';
import { or, type Query } from './query.ts';
import { referenceTo } from './types/reference.ts';
import { literal } from './values.ts';

/** So many levels of a hierarchy are searched. */
const levels = 8;

/** The names by which the core parameters lead from a part to its whole. */
const partOf = ['partof', 'part-of'];

/**
 * The query of references with `:below` and `:above` (http://hl7.org/fhir/R4/search.html#recursive): `location:below=42`
 * finds what refers to location 42, to a part of it, to a part of such a part. Undefined when no target of the
 * parameter is a hierarchy.
 */
export function hierarchyQuery(
  { parameters, base }: SearchContext,
  { name, targets }: Parameter,
  direction: 'above' | 'below',
): ((value: string) => Query) | undefined {
  const hierarchies = targets.flatMap((target) => {
    const whole = partOf.find((each) => parameters.of(target).get(each)?.targets.includes(target));
    return whole === undefined ? [] : [{ target, whole }];
  });
  if (hierarchies.length === 0) return undefined;
  return (value) => {
    const reference = referenceTo(literal(value), { base });
    const [stated, id] = reference.includes('/') ? reference.split('/') : [undefined, reference];
    return or(
      hierarchies
        .filter(({ target }) => stated === undefined || stated === target)
        .flatMap(({ target, whole }) => {
          const filter = related(direction, target, whole, id!, levels);
          return [{ kind: 'chain', name, target, filter } as const, insideContained(filter, name, target)];
        }),
    );
  };
}

/** The members of a hierarchy that are this one, or below or above it within so many levels. */
function related(
  direction: 'above' | 'below',
  type: string,
  whole: string,
  id: string,
  within: number,
): Query {
  const itself: Query = { kind: 'id', ids: [id] };
  if (within === 0) return itself;
  const nearer = related(direction, type, whole, id, within - 1);
  return or([
    itself,
    direction === 'below'
      ? { kind: 'chain', name: whole, target: type, filter: nearer }
      : { kind: 'has', source: type, name: whole, filter: nearer },
  ]);
}
