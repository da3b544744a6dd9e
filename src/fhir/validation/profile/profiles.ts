import type { Definitions } from '../../definitions/definitions.ts';
import { isResource } from '../../resource.ts';
import { type StructureDefinition, typeOfCanonical } from '../element-definition.ts';
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
  /** Checks a value where the visit stands against a profile. */
  check(profile: Profile, instance: Instance, visit: Visit): void;
}

/** How deep profiles may lead from one resource to the next. */
const deepest = 8;

export function createProfiles(definitions: Definitions, sets: ValueSets): Profiles {
  const compiled = new Map<string, Profile | undefined>();
  const base = createBaseElements(definitions);

  function find(url: string): Profile | undefined {
    const canonical = url.split('|', 1)[0]!;
    if (!compiled.has(canonical)) {
      const definition = definitions.find<StructureDefinition>('StructureDefinition', canonical);
      const usable = definition?.snapshot && definition.derivation === 'constraint';
      compiled.set(canonical, usable ? compileProfile(definition, base, surroundings) : undefined);
    }
    return compiled.get(canonical);
  }

  function check(profile: Profile, instance: Instance, visit: Visit): void {
    const { value } = instance;
    const leave = isResource(value) && value !== visit.resource ? enterResource(visit, value) : undefined;
    checkInstance(profile.root, instance, visit, profiles);
    leave?.();
  }

  /** Whether a value follows a profile: nobody is told why not. A profile that is not known demands nothing. */
  function conforms(url: string, value: unknown, type: string, visit: Visit): boolean {
    const stated = typeOfCanonical(url);
    if (stated !== undefined && !find(url)) return stated === type || stated === 'Resource';
    const profile = find(url);
    if (!profile || visit.profileDepth >= deepest) return true;
    if (profile.type !== type) return false;
    const trial = visitAgain(visit, value);
    check(profile, { value, sibling: undefined, type, index: -1 }, trial);
    return !trial.report.hasErrors;
  }

  const surroundings: Surroundings = { definitions, sets, conforms };
  const profiles: Profiles = { find, check };
  return profiles;
}
