import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import { codeSystems } from '../vocabulary.ts';
import { steps } from '../workflow/steps.ts';

/** What a code of a code system is called in Chinese; the code itself where nothing says so. */
export type Words = (code: string | undefined) => string;

/** What the codes that registers print are called. */
export interface CodeWords {
  direction: Words;
  indication: Words;
  businessStatus: Words;
  tier: Words;
  priority: Words;
  step: Words;
}

const priorities: Readonly<Record<string, string>> = {
  routine: '普通',
  urgent: '紧急',
  asap: '尽快',
  stat: '危急',
};

const words = new WeakMap<Definitions, CodeWords>();

/** The words of the code systems that came with the server; read once. */
export function codeWords(definitions: Definitions): CodeWords {
  const known = words.get(definitions);
  if (known) return known;
  const of = (url: string): Words => {
    const displays = new Map(
      elements(definitions.find('CodeSystem', url), 'concept').map((concept) => [
        string(concept, 'code'),
        string(concept, 'display'),
      ]),
    );
    return (code) => displays.get(code) ?? code ?? '';
  };
  const read: CodeWords = {
    direction: of(codeSystems.direction),
    indication: of(codeSystems.indication),
    businessStatus: of(codeSystems.businessStatus),
    tier: of(codeSystems.institutionTier),
    priority: (code) => priorities[code ?? ''] ?? code ?? '',
    step: (code) => steps.find(({ name }) => name === code)?.text.zh ?? code ?? '',
  };
  words.set(definitions, read);
  return read;
}
