import type { Visit } from '../visit.ts';
import type { Instance, Properties } from './instances.ts';

/** What a profile demands of an element beyond the base definition. */
export interface ElementRules {
  /** The name in FHIRPath, e.g. `identifier`. */
  readonly name: string;
  /** The name with that of the slice, e.g. `identifier:placer`. */
  readonly label: string;
  readonly properties: Properties;
  /** Undefined where the base definition says the same. */
  readonly cardinality: { min: number; max: number } | undefined;
  /** The types that are left of a choice; undefined where all are. */
  readonly types: ReadonlySet<string> | undefined;
  readonly checks: readonly InstanceCheck[];
  /** Profiles that the values of a type must follow: one of them, where there are several. */
  readonly typeProfiles: ReadonlyMap<string, readonly string[]>;
  readonly children: readonly ElementRules[];
  readonly slicing: Slicing | undefined;
  readonly slices: readonly Slice[];
}

export interface Slicing {
  readonly ordered: boolean;
  /** Whether it says what tells the slices apart. */
  readonly discriminated: boolean;
  /** Whether occurrences may stand outside of the slices: never, anywhere, or behind them only. */
  readonly rules: 'closed' | 'open' | 'openAtEnd';
}

/** A slice of an element: its own rules, and which occurrences belong to it, if the discriminators can tell. */
export interface Slice extends ElementRules {
  readonly matches: ((instance: Instance, visit: Visit) => boolean) | undefined;
}

export type InstanceCheck = (instance: Instance, visit: Visit) => void;

/** A profile that is ready to check with. */
export interface Profile {
  readonly url: string;
  /** The type that it constrains. */
  readonly type: string;
  readonly root: ElementRules;
}
