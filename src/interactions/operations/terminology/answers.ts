import type { Text } from '../../../fhir/outcome.ts';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Coding, Element } from '../../../fhir/resource.ts';
import type { CodeSource } from '../../../fhir/terminology/code-source.ts';
import type { Entry } from '../../../fhir/terminology/concept.ts';
import type { Sources } from '../../../fhir/terminology/value-set.ts';
import type { OperationAnswer } from '../../operation.ts';

/** The answer of an operation with several output parameters. */
export function parametersAnswer(parameter: readonly Element[]): OperationAnswer {
  return { status: 200, resource: { resourceType: 'Parameters', parameter } };
}

/** A text for people, in both languages. */
export function both({ zh, en }: Text): string {
  return `${zh} / ${en}`;
}

/** The codes of a system. Refuses with 404 when they are not here. */
export async function codesOf(
  sources: Sources,
  system: string | undefined,
  version?: string,
): Promise<CodeSource> {
  if (system === undefined) throw refuse(refusals.missingStepParameter, ['system']);
  const source = await sources.codes(system, version);
  if (!source) throw refuse(refusals.notFound, [`CodeSystem ${system.slice(0, 200)}`]);
  return source;
}

/** What a system says of a code. Refuses with 404 when it has none, or is only here in part. */
export async function entryOf(source: CodeSource, { code = '' }: Coding): Promise<Entry> {
  const entry = await source.find(code);
  if (entry) return entry;
  const kind = source.isComplete ? refusals.unknownCode : refusals.unknownCodeOfFragment;
  throw refuse(kind, [source.url, code.slice(0, 200)]);
}

/** The languages that are asked for, best first. */
export function languagesOf(displayLanguage: string | undefined): string[] {
  return (displayLanguage ?? '')
    .split(',')
    .map((each) => each.split(';', 1)[0]!.trim())
    .filter((each) => /^[A-Za-z-]{2,35}$/.test(each));
}
