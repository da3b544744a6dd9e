import type { Resource } from '../resource.ts';
import type { ElementBinding } from '../validation/bindings.ts';

/** What is read of a StructureDefinition (http://hl7.org/fhir/R4/structuredefinition.html). */
export interface StructureDefinition extends Resource {
  url: string;
  name: string;
  type: string;
  kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical';
  derivation?: 'specialization' | 'constraint';
  baseDefinition?: string;
  abstract?: boolean;
  snapshot?: { element: ElementDefinition[] };
  differential?: { element: ElementDefinition[] };
  context?: ExtensionContext[];
  contextInvariant?: string[];
}

/** Where an extension may stand. */
export interface ExtensionContext {
  type: 'fhirpath' | 'element' | 'extension';
  expression: string;
}

/** What is read of an ElementDefinition (http://hl7.org/fhir/R4/elementdefinition.html). */
export interface ElementDefinition {
  id: string;
  path: string;
  sliceName?: string;
  slicing?: Slicing;
  min: number;
  max: string;
  base?: { path: string; min: number; max: string };
  type?: ElementType[];
  contentReference?: string;
  constraint?: Constraint[];
  binding?: ElementBinding;
  maxLength?: number;
  /** `fixed[x]`, `pattern[x]`, `minValue[x]`, `maxValue[x]`. */
  [name: string]: unknown;
}

export interface ElementType {
  code: string;
  profile?: string[];
  targetProfile?: string[];
  aggregation?: string[];
  extension?: { url: string; valueUrl?: string }[];
}

export interface Slicing {
  discriminator?: { type: 'value' | 'exists' | 'pattern' | 'type' | 'profile'; path: string }[];
  ordered?: boolean;
  rules: 'closed' | 'open' | 'openAtEnd';
}

export interface Constraint {
  key: string;
  severity: 'error' | 'warning';
  human: string;
  expression?: string;
  source?: string;
  extension?: { url: string; valueBoolean?: boolean }[];
}

const fhirBase = 'http://hl7.org/fhir/StructureDefinition/';
const systemType = 'http://hl7.org/fhirpath/System.';

/** The canonical URL of the definition of an R4 type. */
export function canonicalOfType(type: string): string {
  return fhirBase + type;
}

/** The type that a canonical of the specification defines, or undefined for other canonicals. */
export function typeOfCanonical(url: string): string | undefined {
  const name = url.startsWith(fhirBase) ? url.slice(fhirBase.length).split('|', 1)[0] : undefined;
  return name && /^[A-Z][A-Za-z]+$/.test(name) ? name : undefined;
}

/**
 * The FHIR type of an element whose type may be given as a FHIRPath system type, as those of `Element.id` and
 * `Extension.url` are.
 */
export function typeName({ code, extension }: ElementType): string {
  if (!code.startsWith(systemType)) return code;
  const stated = extension?.find(({ url }) => url.endsWith('structuredefinition-fhir-type'))?.valueUrl;
  return stated ?? code.slice(systemType.length).toLowerCase();
}
