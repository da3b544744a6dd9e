import { nearest } from '../nearest.ts';
import type { Text } from '../outcome.ts';
import { Refusal, refusals, refuse } from '../refusal.ts';
import type { SearchParameters } from './parameters.ts';
import { resultParameters } from './result-names.ts';
import type { Terminology } from './terminology.ts';

/** What a search is read with. */
export interface SearchContext {
  parameters: SearchParameters;
  /** For `:in`, `:not-in`, `:above` and `:below` of tokens. */
  terminology: Terminology;
  /** The URL of this server, without a slash at the end. */
  base?: string | undefined;
  /** The present instant, in milliseconds since the epoch: approximate dates are measured from it. */
  now: number;
}

/** The names that can be searched by on every type beside its parameters. */
export const namesWithoutParameter = ['_has', '_list', '_filter'];

/** The refusal of a name that is no parameter of the type: what a lenient server ignores. */
export class UnknownParameter extends Refusal {
  constructor(parameters: SearchParameters, type: string, name: string) {
    const valid = [...parameters.of(type).keys(), ...namesWithoutParameter].sort();
    const near = nearest(name, [...valid, ...resultParameters]);
    const shown = name.slice(0, 200);
    const { status, issues } =
      near.length > 0
        ? refuse(refusals.misspeltParameter, [type, shown, near.join(', '), valid.join(', ')])
        : refuse(refusals.unknownParameter, [type, shown, valid.join(', ')]);
    super(status, issues);
  }
}

/** The refusal of a parameter that is stored but cannot be searched by, and why: a lenient server ignores it as well. */
export class UnusableParameter extends Refusal {
  constructor(name: string, reason: Text) {
    const { status, issues } = refuse(refusals.unusableParameter, [name, reason]);
    super(status, issues);
  }
}

/** Whether a refusal is of a name that a lenient server ignores (http://hl7.org/fhir/R4/search.html#errors). */
export function isIgnorable(error: unknown): error is UnknownParameter | UnusableParameter {
  return error instanceof UnknownParameter || error instanceof UnusableParameter;
}
