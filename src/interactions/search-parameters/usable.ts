import { type Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import { UnusableParameter } from '../../fhir/search/context.ts';
import type { Parameter, SearchParameters } from '../../fhir/search/parameters.ts';
import { basesOf, type SearchParameterDefinition } from './definition.ts';
import { pathOf, type Standings } from './standing.ts';

/** For each type of resource the names that cannot be asked for now, and what is then said. */
type Unusable = Map<string, Map<string, () => Refusal>>;

/**
 * The search parameters in force, as they can be asked for. Whoever asks for one that is stored but cannot be used is
 * told why; and for one that not all resources are indexed by yet, refused with 503. New resources are indexed by it.
 */
export function usableParameters(
  { parameters, all }: Standings,
  indexing: readonly SearchParameterDefinition[],
): SearchParameters {
  const unusable: Unusable = new Map();
  const refuseOn = (types: readonly string[], code: string, refusal: () => Refusal) => {
    for (const type of types)
      unusable.set(type, (unusable.get(type) ?? new Map<string, () => Refusal>()).set(code, refusal));
  };
  for (const { stored, unusable: reason } of all) {
    if (!reason) continue;
    const { code } = stored.definition;
    const here = basesOf(stored.definition, parameters.resourceTypes);
    const nameless = here.filter((type) => !parameters.definitionOf(type, code));
    refuseOn(nameless, code, () => new UnusableParameter(code, reason));
  }
  for (const definition of indexing) {
    const { code } = definition;
    refuseOn(basesOf(definition, parameters.resourceTypes), code, () =>
      refuse(refusals.parameterIndexing, [code]),
    );
  }
  const remarks = all.flatMap((standing) =>
    standing.remarks.map(({ text }) => ({ path: pathOf(standing.stored), text })),
  );
  return { ...refusing(parameters, unusable), remarks };
}

function refusing(parameters: SearchParameters, unusable: Unusable): SearchParameters {
  const guarded = new Map<string, ReadonlyMap<string, Parameter>>();
  return {
    ...parameters,
    of(type) {
      const names = unusable.get(type);
      if (!names) return parameters.of(type);
      let ofType = guarded.get(type);
      if (!ofType) {
        ofType = new PartlyUsable(parameters.of(type), names);
        guarded.set(type, ofType);
      }
      return ofType;
    },
  };
}

class PartlyUsable extends Map<string, Parameter> {
  readonly #unusable: ReadonlyMap<string, () => Refusal>;

  constructor(parameters: ReadonlyMap<string, Parameter>, unusable: ReadonlyMap<string, () => Refusal>) {
    super(parameters);
    this.#unusable = unusable;
  }

  override get(name: string): Parameter | undefined {
    const refusal = this.#unusable.get(name);
    if (refusal) throw refusal();
    return super.get(name);
  }
}
