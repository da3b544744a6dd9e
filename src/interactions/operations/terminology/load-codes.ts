import { randomUUID } from 'node:crypto';
import { isError } from '../../../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../../../fhir/refusal.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { type CodeTable, headOf, keyOf, readRow, rowOf } from '../../../fhir/terminology/code-table.ts';
import { ofPlaced, ofStructured } from '../../../fhir/terminology/code-words.ts';
import type { CodeSystem } from '../../../fhir/terminology/concept.ts';
import { isByStructure, ParentMissing, placeConcepts } from '../../../fhir/terminology/place-concepts.ts';
import type { CodeTables } from '../../../store/code-tables.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { findStored } from '../../stored-terminology.ts';
import { judge, write } from '../../write.ts';
import { parametersAnswer } from './answers.ts';
import { readAsked } from './asked.ts';
import { dropForgotten } from './forgotten-tables.ts';

const definition = 'https://w3id.org/zhuanzhen/OperationDefinition/load-codes';

/** Added to a table at once. */
const rowsAtOnce = 500;

/**
 * `CodeSystem/$load-codes`: takes in a code system that is too long for a resource, whole or in parts. Its codes go into a
 * table of the store; once the last part is there, the CodeSystem that stands for it is stored, and takes the place of the
 * one with the same URL and version: until then nothing is seen of it. Refuses with 422 a code that stands twice and one
 * whose parent is not there.
 */
export const loadCodes: Operation = {
  name: '$load-codes',
  definition,
  on: { type: true, types: ['CodeSystem'] },
  affectsState: true,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, definition, { name: 'codeSystem', type: 'CodeSystem' });
  const system = codeSystemOf(asked.resource('codeSystem'));
  const { codeTables } = server;
  if (!codeTables) throw refuse(refusals.notImplemented, ['$load-codes']);
  await refuseUnlessMayWrite(server, system);
  const table = asked.text('table') ?? randomUUID();
  await addPart(system, table, codeTables, server.now());
  const count = await codeTables.count(table);
  const about = [
    { name: 'table', valueString: table },
    { name: 'count', valueInteger: count },
  ];
  if (asked.text('last') === 'false') return parametersAnswer(about);
  const head = headOf(await describe(table, system, codeTables, count), count);
  const kept = await keepHead(server, head);
  await dropForgotten(server, codeTables);
  return parametersAnswer([...about, { name: 'codeSystem', resource: kept }]);
}

function codeSystemOf(sent: Resource | undefined): CodeSystem {
  const system = sent as CodeSystem | undefined;
  if (!system) throw refuse(refusals.missingStepParameter, ['codeSystem']);
  if (system.resourceType !== 'CodeSystem')
    throw refuse(refusals.typeMismatch, [String(system.resourceType).slice(0, 64), 'CodeSystem']);
  if (!system.url) throw refuse(refusals.missingStepParameter, ['codeSystem.url']);
  if (system.content !== 'complete' && system.content !== 'fragment')
    throw refuse(refusals.invalidRequest, [
      {
        zh: 'codeSystem.content 须为 complete(全表)或 fragment(片段)',
        en: 'codeSystem.content must be complete or fragment',
      },
    ]);
  return system;
}

/** Whoever may not write the CodeSystem adds nothing to a table either. */
async function refuseUnlessMayWrite(server: Server, system: CodeSystem): Promise<void> {
  const { concept: _, count: __, ...head } = system;
  const id = system.id ?? randomUUID();
  const resource = { ...head, id, content: 'not-present' } as Resource;
  const planned = { method: 'PUT', type: 'CodeSystem', id, resource, replaced: undefined } as const;
  const { findings, status } = await judge(server, server.store, [planned], [], server.now());
  if (findings.some(isError)) throw new Refusal(status ?? 422, findings);
}

async function addPart(
  system: CodeSystem,
  table: string,
  codeTables: CodeTables,
  now: number,
): Promise<void> {
  const found = async (codes: readonly string[]) => {
    const rows = await codeTables.find(
      table,
      codes.map((code) => keyOf(system, code)),
    );
    return rows.map(({ text }) => readRow(text));
  };
  const placed = await placeConcepts(system, found).catch((error) => {
    if (error instanceof ParentMissing)
      throw refuse(refusals.parentMissing, [error.code.slice(0, 200), error.parent.slice(0, 200)]);
    throw error;
  });
  const first = await codeTables.count(table);
  const rows = placed.map((each, index) => ({ ...rowOf(system, each), position: first + index }));
  const keys = new Set(rows.map(({ key }) => key));
  const [twice] = await found([...keys]);
  if (twice || keys.size < rows.length) {
    const code = twice?.entry.code ?? rows.find(({ key }, at) => rows[at + 1]?.key === key)?.key;
    throw refuse(refusals.codeTwice, [(code ?? '').slice(0, 200)]);
  }
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await codeTables.add(table, rows.slice(from, from + rowsAtOnce), now);
}

async function describe(
  table: string,
  system: CodeSystem,
  codeTables: CodeTables,
  all: number,
): Promise<CodeTable> {
  const structured = await codeTables.count(table, [ofStructured]);
  const placed = await codeTables.count(table, [ofPlaced]);
  return {
    ...{ table, system },
    isComplete: system.content === 'complete',
    isStructured: isByStructure({ all, structured, placed }),
  };
}

/** Stores the CodeSystem in the place of the one with its URL and version. */
async function keepHead(server: Server, head: CodeSystem): Promise<Resource> {
  const canonical = head.version === undefined ? head.url : `${head.url}|${head.version}`;
  return server.store.write(async (transaction) => {
    await transaction.exclusive(`code table ${canonical}`);
    const there = await findStored(
      { ...server, store: { ...server.store, ...transaction }, stored: transaction },
      ['CodeSystem', canonical],
    );
    const isSame = there !== undefined && there.version === head.version;
    const id = (isSame ? there.id : undefined) ?? head.id ?? randomUUID();
    const replaced = await transaction.read('CodeSystem', id);
    const resource = { ...head, id } as Resource;
    const [kept] = await write(server, transaction, [
      { method: 'PUT', type: 'CodeSystem', id, resource, replaced },
    ]);
    return JSON.parse(kept!.version.text!) as Resource;
  });
}
