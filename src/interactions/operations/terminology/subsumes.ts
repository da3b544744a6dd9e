import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Coding } from '../../../fhir/resource.ts';
import type { CodeSystem } from '../../../fhir/terminology/concept.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { codesOf, entryOf, parametersAnswer } from './answers.ts';
import { codeAsked, readAsked } from './asked.ts';
import { definitionAsked, sourcesOf } from './sources.ts';

const definition = 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes';

/**
 * `CodeSystem/$subsumes`: how two codes of one system stand to each other
 * (http://hl7.org/fhir/R4/codesystem-operation-subsumes.html). Refuses with 404 a system or code that is not here.
 */
export const subsumes: Operation = {
  name: '$subsumes',
  definition,
  on: { type: true, instance: true, types: ['CodeSystem'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, definition);
  const names = { resource: 'codeSystem', url: 'system', version: 'version' };
  const on =
    request.id === undefined
      ? undefined
      : await definitionAsked<CodeSystem>(request, server, asked, 'CodeSystem', names);
  const system = on?.url ?? asked.text('system');
  const version = on?.version ?? asked.text('version');
  const of = (name: 'A' | 'B') =>
    (asked.element(`coding${name}`) as Coding | undefined) ??
    codeAsked(asked, `code${name}`, system, version);
  const [a, b] = [of('A'), of('B')];
  if (a.system !== b.system)
    throw refuse(refusals.invalidRequest, [
      { zh: '两个代码须属同一代码系统', en: 'both codes must be of one code system' },
    ]);
  const source = await codesOf(sourcesOf(server), a.system ?? system, a.version ?? version);
  const [{ code: first }, { code: second }] = [await entryOf(source, a), await entryOf(source, b)];
  const outcome =
    first === second
      ? 'equivalent'
      : (await source.isBelow(second, first))
        ? 'subsumes'
        : (await source.isBelow(first, second))
          ? 'subsumed-by'
          : 'not-subsumed';
  return parametersAnswer([{ name: 'outcome', valueCode: outcome }]);
}
