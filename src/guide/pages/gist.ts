import { institutionName } from '../../examples/institutions.ts';
import { codesOf, elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../../referral/vocabulary.ts';
import { inLanguage, type Language } from './language.ts';
import type { Source } from './source.ts';
import { displayOf } from './terminology.ts';

const priorities: Readonly<Record<string, string>> = {
  routine: '普通',
  urgent: '紧急',
  asap: '尽快',
  stat: '急诊',
};

/**
 * What an example says, in one line: of a message the event, from whom to whom; of a referral the direction, how soon,
 * from whom to whom, and for what reason; of others what they are called. Undefined where nothing of this is in it.
 */
export function gistOf(example: Resource, source: Source, language: Language): string | undefined {
  const resources = [example, ...resourcesIn(example)];
  const first = (type: string) => resources.find(({ resourceType }) => resourceType === type);
  const named = (system: string, code: string) => {
    const concept = elements(source.byUrl(system), 'concept').find((each) => each.code === code);
    return concept ? displayOf(concept, language) : code;
  };
  const parties = (...references: unknown[]) =>
    references
      .flatMap((each) => string(each as Element | undefined, 'reference') ?? [])
      .map((reference) => institutionName(reference)[language])
      .join(' → ');
  const joined = (parts: readonly string[]) =>
    parts.filter((part) => part !== '').join(language === 'zh' ? ',' : ', ');

  const header = first('MessageHeader');
  if (header) {
    const { system, code } = elements(header, 'eventCoding')[0]!;
    const receiver = elements(header, 'destination')[0]?.receiver;
    return joined([
      named(String(system), String(code)),
      ...elements(header, 'response').map((response) => string(response, 'code')!),
      parties(header.sender, receiver),
    ]);
  }
  const referral = resources.find(
    (each) =>
      each.resourceType === 'ServiceRequest' && codesOf(each, 'category', codeSystems.direction).length > 0,
  );
  if (referral) {
    const task = first('Task');
    const codes = (system: 'direction' | 'indication', member: string) =>
      codesOf(referral, member, codeSystems[system]).map((code) => named(codeSystems[system], code));
    const priority = string(referral, 'priority') ?? 'routine';
    return joined([
      ...codes('direction', 'category'),
      language === 'zh' ? (priorities[priority] ?? priority) : priority,
      parties(task?.requester, task?.owner),
      ...codes('indication', 'reasonCode'),
    ]);
  }
  const measure = source.byUrl(string(first('MeasureReport'), 'measure') ?? '');
  const title = string(measure ?? first('Composition') ?? example, 'title');
  return title === undefined ? undefined : inLanguage(title, language);
}

/** What a Bundle or Parameters bring. */
function resourcesIn(example: Resource): Resource[] {
  return ['entry', 'parameter'].flatMap((member) =>
    elements(example, member).flatMap((each) => elements(each, 'resource') as Resource[]),
  );
}
