import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Parameter, SearchParameters } from '../../fhir/search/parameters.ts';

/**
 * The same search parameters, of which some are not yet found on resources that were kept before them: whoever asks for
 * one of these by name is refused with 503, while new resources are already indexed by it.
 *
 * @param indexing for each type of resource the names of those parameters
 */
export function whileIndexing(
  parameters: SearchParameters,
  indexing: ReadonlyMap<string, ReadonlySet<string>>,
): SearchParameters {
  const guarded = new Map<string, ReadonlyMap<string, Parameter>>();
  return {
    ...parameters,
    of(type) {
      const names = indexing.get(type);
      if (!names) return parameters.of(type);
      let ofType = guarded.get(type);
      if (!ofType) {
        ofType = new PartlyIndexed(parameters.of(type), names);
        guarded.set(type, ofType);
      }
      return ofType;
    },
  };
}

class PartlyIndexed extends Map<string, Parameter> {
  readonly #indexing: ReadonlySet<string>;

  constructor(parameters: ReadonlyMap<string, Parameter>, indexing: ReadonlySet<string>) {
    super(parameters);
    this.#indexing = indexing;
  }

  override get(name: string): Parameter | undefined {
    if (this.#indexing.has(name)) throw refuse(refusals.parameterIndexing, [name]);
    return super.get(name);
  }
}
