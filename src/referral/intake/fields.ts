import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { intakeFieldSystem } from './vocabulary.ts';

/** The two flat forms: a referral that is sent, and a later step of one. */
export type Form = 'referral' | 'step';

/** How the value of a field is read. */
export type Kind = 'text' | 'date' | 'dateTime' | 'code' | 'codes' | 'boolean' | 'decimal';

/** One field of the flat forms, as CodeSystem/intake-field says it. */
export interface Field {
  code: string;
  /** What it is called, and what it takes. */
  name: Text;
  about: Text;
  kind: Kind;
  forms: readonly Form[];
  /** The forms that cannot do without it, or without the one `instead`. */
  required: readonly Form[];
  instead: string | undefined;
  /** The code system of its codes. */
  system: string | undefined;
  isLong: boolean;
  /** Whether the template has a column for it. */
  isInTemplate: boolean;
  /** The elements that it is said in, e.g. `ServiceRequest.priority`. */
  paths: readonly string[];
  /** The rules that are met by mending it. */
  rules: readonly string[];
  /** The LOINC codes of the Observation that it is; none: it is none. */
  observation: readonly string[];
  unit: string | undefined;
  unitDisplay: string | undefined;
}

/** The fields in their order, which is that of the columns of the template. */
export function readFields(definitions: Definitions): readonly Field[] {
  const system = definitions.find<Resource>('CodeSystem', intakeFieldSystem);
  return elements(system, 'concept').map(fieldOf);
}

function fieldOf(concept: Element): Field {
  const all = (code: string) =>
    elements(concept, 'property')
      .filter((property) => property.code === code)
      .map((property) => property.valueCode ?? property.valueString ?? property.valueBoolean);
  const text = (code: string) => all(code)[0] as string | undefined;
  const [zh = '', en = ''] = (string(concept, 'definition') ?? '').split('\n\n');
  return {
    code: String(concept.code),
    name: { zh: String(concept.display), en: englishOf(concept) },
    about: { zh, en },
    kind: text('kind') as Kind,
    forms: all('form') as Form[],
    required: all('required') as Form[],
    instead: text('instead'),
    system: text('system'),
    isLong: all('long')[0] === true,
    isInTemplate: all('template')[0] === true,
    paths: all('path') as string[],
    rules: all('rule') as string[],
    observation: all('observation') as string[],
    unit: text('unit'),
    unitDisplay: text('unit-display'),
  };
}

/** The English name of a concept, else its display. */
export function englishOf(concept: Element): string {
  const english = elements(concept, 'designation').find(({ language }) => language === 'en');
  return String(english?.value ?? concept.display ?? concept.code);
}
