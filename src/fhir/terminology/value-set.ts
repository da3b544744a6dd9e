import type { Coding, Resource } from '../resource.ts';
import type { CodeSource, Filter } from './code-source.ts';
import type { Designation } from './concept.ts';

/** Codes that a value set includes or excludes: all conditions of one hold at once. */
export interface ConceptSet {
  system?: string;
  version?: string;
  concept?: { code: string; display?: string; designation?: Designation[] }[];
  filter?: Filter[];
  valueSet?: string[];
}

/** A concept of an expansion (http://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.expansion.contains). */
export interface Contains extends Coding {
  abstract?: boolean;
  inactive?: boolean;
  designation?: Designation[];
  contains?: Contains[];
}

export interface ValueSet extends Resource {
  url?: string;
  version?: string;
  language?: string;
  compose?: { inactive?: boolean; include: ConceptSet[]; exclude?: ConceptSet[] };
  expansion?: { contains?: Contains[]; [element: string]: unknown };
}

/** Where value sets and the codes of code systems come from. */
export interface Sources {
  valueSet(url: string): Promise<ValueSet | undefined>;
  codes(system: string, version?: string): Promise<CodeSource | undefined>;
}
