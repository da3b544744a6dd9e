/** A concept of a code system, with the concepts below it. */
export interface Concept {
  code: string;
  concept?: Concept[];
  property?: { code: string; [name: string]: unknown }[];
}

/** A condition of `ValueSet.compose.include.filter`. */
export interface Filter {
  property: string;
  op: string;
  value: string;
}

/** All codes of concepts and of those below them. */
export function codesOf(concepts: readonly Concept[]): Set<string> {
  const codes = new Set<string>();
  for (const { code } of walk(concepts)) codes.add(code);
  return codes;
}

/**
 * The codes that a filter selects (http://hl7.org/fhir/R4/valueset-filter-operator.html), or undefined for a
 * filter that is not understood, so that nothing can be said of its codes.
 */
export function select(
  concepts: readonly Concept[],
  { property, op, value }: Filter,
): Set<string> | undefined {
  const values = value.split(',').map((one) => one.trim());
  const below = () => codesOf(find(concepts, value)?.concept ?? []);
  switch (op) {
    case 'is-a':
      return below().add(value);
    case 'descendent-of':
      return below();
    case 'is-not-a':
      return codesOf(concepts).difference(below().add(value));
    case 'generalizes':
      return new Set(lineage(concepts, value));
    case '=':
      return where(concepts, (concept) => propertyOf(concept, property) === value);
    case 'in':
      return where(concepts, (concept) => values.includes(propertyOf(concept, property) ?? ''));
    case 'not-in':
      return where(concepts, (concept) => !values.includes(propertyOf(concept, property) ?? ''));
    case 'exists':
      return where(concepts, (concept) => String(propertyOf(concept, property) !== undefined) === value);
    default:
      return undefined;
  }
}

function* walk(concepts: readonly Concept[]): Generator<Concept> {
  for (const concept of concepts) {
    yield concept;
    if (concept.concept) yield* walk(concept.concept);
  }
}

function find(concepts: readonly Concept[], code: string): Concept | undefined {
  for (const concept of walk(concepts)) if (concept.code === code) return concept;
  return undefined;
}

function lineage(concepts: readonly Concept[], code: string): string[] {
  for (const concept of concepts) {
    if (concept.code === code) return [code];
    const below = lineage(concept.concept ?? [], code);
    if (below.length > 0) return [concept.code, ...below];
  }
  return [];
}

function where(concepts: readonly Concept[], test: (concept: Concept) => boolean): Set<string> {
  const codes = new Set<string>();
  for (const concept of walk(concepts)) if (test(concept)) codes.add(concept.code);
  return codes;
}

function propertyOf(concept: Concept, property: string): string | undefined {
  if (property === 'concept' || property === 'code') return concept.code;
  const found = concept.property?.find(({ code }) => code === property);
  const name = found && Object.keys(found).find((key) => key.startsWith('value'));
  const value = name && found[name];
  if (value === undefined) return undefined;
  return typeof value === 'object' && value !== null
    ? String((value as { code?: unknown }).code)
    : String(value);
}
