import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Position } from '../../../fhir/search/order.ts';
import type { Query } from '../../../fhir/search/query.ts';
import type { Include } from '../../../fhir/search/result-parameters.ts';
import type { StreamedPiece } from '../../../interactions/answer.ts';
import { followIncludes } from '../../../interactions/include.ts';
import { openPosition, operationLink } from '../../../interactions/links.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../../interactions/operation.ts';
import { entryOf, type Link, searchset } from '../../../interactions/searchset.ts';
import type { Server } from '../../../interactions/server.ts';
import { byteOrderMark, csvOf } from '../../../spreadsheet/csv.ts';
import { createReferences } from '../../reference.ts';
import { ledgerUrl } from '../../vocabulary.ts';
import { admitToCases } from '../asker.ts';
import { tasksWithin } from '../cases.ts';
import { codeWords } from '../codes.ts';
import { cellsOf, type Heading, headingsOf } from './headings.ts';
import { fileNameOf, filterOf, type LedgerQuestion, readLedgerQuestion } from './question.ts';
import { type LedgerPage, ledgerPages } from './rows.ts';
import { openWorkbook } from './xlsx.ts';

const csv = 'text/csv';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const include = (type: string, parameter: string): Include => ({ type, parameter, iterate: true });

/** What comes with the Tasks of a page in FHIR. */
const includes: readonly Include[] = [
  include('Task', 'focus'),
  include('Task', 'sender'),
  include('Task', 'receiver'),
  include('Task', 'patient'),
  include('ServiceRequest', 'requester'),
  include('ServiceRequest', 'reason-reference'),
];

/**
 * `$ledger`, or `Organization/[id]/$ledger`: the ledger of referrals (台账) of a period, by when they were written; read
 * from referrals, Tasks and what they name, as far as who asks may see it. In FHIR it is a searchset, a page at a time;
 * as CSV and XLSX the table of the whole period, sent as it is read.
 */
export const ledger: Operation = {
  name: '$ledger',
  definition: ledgerUrl,
  on: { system: true, instance: true, types: ['Organization'] },
  affectsState: false,
  formats: [csv, xlsx],
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  admitToCases(server.actor);
  const question = readLedgerQuestion(request, server.now());
  await refuseUnknownInstitution(request);
  const filter = await filterOf(question, request.store);
  if (request.format === undefined) return inFhir(request, server, question, filter);
  const headings = await headingsOf(server);
  const source = {
    reader: () => server.eachPage?.() ?? request.store,
    references: createReferences(request.base),
    words: codeWords(server.definitions),
    now: server.now(),
  };
  const pages = ledgerPages(source, question.period, filter);
  const isCsv = request.format === csv;
  const file = encodeURIComponent(`${fileNameOf(question)}.${isCsv ? 'csv' : 'xlsx'}`);
  return {
    status: 200,
    stream: {
      type: isCsv ? `${csv}; charset=utf-8` : xlsx,
      pieces: isCsv ? asCsv(headings, pages) : asXlsx(headings, pages),
    },
    headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${file}` },
  };
}

/** Refuses with 404 the ledger of an institution that there is not, and with 410 of one that was deleted. */
async function refuseUnknownInstitution({ store, id }: OperationRequest): Promise<void> {
  if (id === undefined) return;
  const stored = await store.read('Organization', id);
  if (!stored) throw refuse(refusals.notFound, [`Organization/${id}`]);
  if (stored.text === null) throw refuse(refusals.gone, [`Organization/${id}`]);
}

async function* asCsv(
  headings: readonly Heading[],
  pages: AsyncIterable<LedgerPage>,
): AsyncGenerator<StreamedPiece, undefined> {
  yield { bytes: byteOrderMark + csvOf([headings.map(({ text }) => text)]) };
  for await (const page of pages) yield { bytes: csvOf(cellsOf(headings, page)), about: page.texts };
}

async function* asXlsx(
  headings: readonly Heading[],
  pages: AsyncIterable<LedgerPage>,
): AsyncGenerator<StreamedPiece, undefined> {
  const book = openWorkbook(
    '台账',
    headings.map(({ text }) => text),
  );
  for await (const page of pages) {
    book.add(cellsOf(headings, page));
    yield { bytes: Buffer.concat(book.take()), about: page.texts };
  }
  book.end();
  yield { bytes: Buffer.concat(book.take()) };
}

async function inFhir(
  request: OperationRequest,
  server: Server,
  { period, count }: LedgerQuestion,
  filter: Query,
): Promise<OperationAnswer> {
  const [token] = request.parameters.get('_cursor') ?? [];
  const after = token === undefined ? undefined : openPosition<Position>(request.cursor, token);
  const { found, next } = await tasksWithin(request.store, period, { filter, after, limit: count });
  const matches = found.map(({ match }) => match);
  const included = await followIncludes(server, matches, { include: includes, revinclude: [] });
  const links: Link[] = [{ relation: 'self', url: operationLink(request, '$ledger') }];
  if (next && found.length > 0)
    links.push({ relation: 'next', url: operationLink(request, '$ledger', request.cursor.seal(next)) });
  const entries = [
    ...matches.map((match) => entryOf(match, 'match')),
    ...included.matches.map((match) => entryOf(match, 'include')),
  ];
  return { status: 200, json: searchset(request.base, links, entries) };
}
