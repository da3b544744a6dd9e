import type { Definitions } from '../../definitions/definitions.ts';
import { isResource } from '../../resource.ts';
import { type StructureDefinition, typeOfCanonical } from '../../snapshots/element-definition.ts';
import { containedById } from '../references.ts';
import type { ValueSets } from '../value-sets.ts';
import { enterResource, type Visit, visitAgain } from '../visit.ts';
import { checkInstance } from './check-profile.ts';
import { compileProfile, createBaseElements } from './compile-profile.ts';
import type { Instance } from './instances.ts';
import type { Surroundings } from './matchers.ts';
import type { Profile } from './rules.ts';

/** The profiles among the definitions, each compiled when it is first asked for. */
export interface Profiles {
  /** A profile by its canonical URL, or undefined when it is not known or has no snapshot. */
  find(url: string): Profile | undefined;
  /** To be told that definitions have changed. */
  forget(): void;
  /** Checks a value where the visit stands against a profile. */
  check(profile: Profile, instance: Instance, visit: Visit): void;
  /** Whether a value of a type follows a profile, or is of a base type; undefined when there is no such profile. */
  conformsTo(url: string, value: unknown, type: string, visit: Visit): boolean | undefined;
}

/** Enough for any rule on any resource in use: some milliseconds of work. */
const stepsOfStrangers = 500_000;

/** Types that any resource, or any element, is one of. */
const abstractTypes = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement']);

/** The profiles of the definitions, and how values are checked against them. */
export function createProfiles(
  definitions: Definitions,
  sets: ValueSets,
  isOfStranger: (url: string) => boolean,
): Profiles {
  const compiled = new Map<string, Profile>();
  const base = createBaseElements(definitions);

  function find(url: string): Profile | undefined {
    const known = compiled.get(url);
    if (known) return known;
    const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
    if (!definition?.snapshot || definition.derivation !== 'constraint') return undefined;
    const profile = compiledFrom(definition, isOfStranger(url) ? stepsOfStrangers : undefined);
    if (profile) compiled.set(url, profile);
    return profile;
  }

  /** Undefined for a definition that breaks on the way: a client may have stored anything that has the form of one. */
  function compiledFrom(definition: StructureDefinition, steps: number | undefined): Profile | undefined {
    try {
      return compileProfile(definition, base, { ...surroundings, steps });
    } catch (error) {
      if (steps === undefined) throw error;
      return undefined;
    }
  }

  function check(profile: Profile, instance: Instance, visit: Visit): void {
    const { value } = instance;
    const inner = isResource(value) && value !== visit.resource ? value : undefined;
    const leave = inner && enterResource(visit, inner, containedById(visit).get(inner.id) === inner);
    checkInstance(profile.root, instance, visit, profiles);
    leave?.();
  }

  /**
   * Whether a value follows a profile: nobody is told why not. A profile that is not known demands nothing. Each
   * verdict is found once, and while it is being found it is taken to be yes, since resources refer to each other.
   */
  function conforms(url: string, value: unknown, type: string, visit: Visit): boolean {
    return conformsTo(url, value, type, visit) ?? true;
  }

  function conformsTo(url: string, value: unknown, type: string, visit: Visit): boolean | undefined {
    const profile = find(url);
    if (!profile) {
      const stated = typeOfCanonical(url);
      const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
      const base = stated ?? (definition?.derivation === 'specialization' ? definition.type : undefined);
      return base === undefined ? undefined : abstractTypes.has(base) || base === type;
    }
    if (profile.type !== type) return false;
    const known = visit.verdicts.get(value)?.get(profile);
    if (known !== undefined) return known;
    const verdicts = visit.verdicts.get(value) ?? new Map<Profile, boolean>();
    visit.verdicts.set(value, verdicts.set(profile, true));
    const trial = visitAgain(visit);
    check(profile, { value, sibling: undefined, type, index: -1 }, trial);
    verdicts.set(profile, !trial.report.hasErrors);
    return !trial.report.hasErrors;
  }

  const surroundings: Surroundings = { definitions, sets, conforms };
  const profiles: Profiles = { find, check, conformsTo, forget: () => compiled.clear() };
  return profiles;
}
