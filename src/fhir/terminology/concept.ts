import type { Coding, Resource } from '../resource.ts';

/** A text for a concept beside its display, e.g. in another language. */
export interface Designation {
  language?: string;
  use?: Coding;
  value: string;
}

/** A property of a concept: its code, and one `value[x]`. */
export interface Property {
  code: string;
  [value: string]: unknown;
}

/** A concept of a CodeSystem with those below it (http://hl7.org/fhir/R4/codesystem.html). */
export interface Concept {
  code: string;
  display?: string;
  definition?: string;
  designation?: Designation[];
  property?: Property[];
  concept?: Concept[];
}

/** A concept without those below it: what a code system says of one code. */
export type Entry = Omit<Concept, 'concept'>;

export interface CodeSystem extends Resource {
  url: string;
  version?: string;
  name?: string;
  title?: string;
  language?: string;
  content?: 'not-present' | 'example' | 'fragment' | 'complete' | 'supplement';
  caseSensitive?: boolean;
  hierarchyMeaning?: string;
  concept?: Concept[];
  /** How many concepts it has, be they in it or not. */
  count?: number;
  property?: { code: string; uri?: string; type?: string }[];
}

/** The value of a property, as a text that others are compared with. */
export function propertyValue(property: Property | undefined): string | undefined {
  const name = property && Object.keys(property).find((key) => key.startsWith('value'));
  const value = name === undefined ? undefined : property![name];
  if (value === undefined) return undefined;
  return typeof value === 'object' && value !== null ? String((value as Coding).code ?? '') : String(value);
}

/** "By convention, a code system marks concepts that are not for use" (http://hl7.org/fhir/R4/codesystem-concept-properties.html). */
export function isInactive({ property }: Entry): boolean {
  const valueBy = (code: string) => propertyValue(property?.find((each) => each.code === code));
  const status = valueBy('status');
  return valueBy('inactive') === 'true' || status === 'retired' || status === 'deprecated';
}

/** Whether a concept only groups others. */
export function isAbstract({ property }: Entry): boolean {
  return (
    propertyValue(property?.find(({ code }) => code === 'notSelectable' || code === 'abstract')) === 'true'
  );
}
