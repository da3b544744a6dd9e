import { createHash } from 'node:crypto';
import { type Issue, operationOutcome } from '../../fhir/outcome.ts';
import { matches } from '../../fhir/search/matcher.ts';
import { and } from '../../fhir/search/query.ts';
import type { Include } from '../../fhir/search/result-parameters.ts';
import type { Match } from '../../store/store.ts';
import { followIncludes } from '../include.ts';
import { operationLink } from '../links.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../operation.ts';
import { findPage, pageBytes, type TypedFilter, type TypedPosition } from '../page.ts';
import { presentVersion } from '../present-version.ts';
import { entryOf, type Link, type SearchEntry, searchset } from '../searchset.ts';
import type { Server } from '../server.ts';
import { caredFor } from './care-dates.ts';
import { type EverythingQuestion, readEverythingQuestion } from './everything-parameters.ts';
import { recordFilter, recordTypes } from './record.ts';

const include = (type: string, iterate: boolean): Include => ({ type, parameter: '*', iterate });

/**
 * "Any resource referenced from those", and what these in turn need to be understood: who, where and with what. References
 * are not followed further, for they would lead to other people's records.
 */
const supporting: readonly Include[] = [
  include('*', false),
  ...['PractitionerRole', 'Location', 'HealthcareService', 'Organization', 'Medication', 'Device'].map(
    (type) => include(type, true),
  ),
];

const cutShort: Issue = {
  severity: 'warning',
  code: 'incomplete',
  text: {
    zh: '关联资源过多,未全部返回;请减小 _count',
    en: 'Too many resources are referred to, not all are here: ask for a smaller _count',
  },
};

/**
 * All that is known of a patient, or, called on the type, of all patients: their compartments and what these refer to
 * (http://hl7.org/fhir/R4/patient-operation-everything.html), newest first, "in a single bundle" as far as a page can
 * hold it, else with `next` links.
 */
export const patientEverything: Operation = {
  name: '$everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  on: { type: true, instance: true, types: ['Patient'] },
  affectsState: false,
  run: answer,
};

/** The same of an encounter (http://hl7.org/fhir/R4/encounter-operation-everything.html). */
export const encounterEverything: Operation = {
  name: '$everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
  on: { instance: true, types: ['Encounter'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { store, type, id, base, cursor } = request;
  const question = readEverythingQuestion(request, server);
  if (id !== undefined) await presentVersion(store, type!, id);
  const searches = searchesOf(request, server, question);
  const { maxPageSize, searchTimeout } = server.limits;
  const size = Math.min(question.count ?? maxPageSize, maxPageSize);
  const page = await findPage(store, {
    searches,
    sort: [],
    after: question.after,
    size,
    bytes: pageBytes(server.limits),
    timeout: searchTimeout,
  });
  const included = await followIncludes(server, page.matches, { include: supporting, revinclude: [] });
  const told = toldBefore(question.told);
  const isNew = (match: Match) =>
    !told.has(match) && !comesAsMatch(request, server, question, searches, match);
  const isWanted = ({ version }: Match) =>
    (!question.types || question.types.includes(version.type)) &&
    (question.since === undefined || version.updated >= question.since);

  const links: Link[] = [{ relation: 'self', url: operationLink(request, '$everything') }];
  if (page.next)
    links.push({
      relation: 'next',
      url: operationLink(request, '$everything', cursor.seal(told.with(page.next, included.matches))),
    });
  const entries: SearchEntry[] = [
    ...page.matches.filter(isWanted).map((match) => entryOf(match, 'match')),
    ...included.matches
      .filter((match) => isWanted(match) && isNew(match))
      .map((match) => entryOf(match, 'include')),
  ];
  if (!included.complete)
    entries.push({ json: JSON.stringify(operationOutcome([cutShort])), mode: 'outcome' });
  return { status: 200, json: searchset(base, links, entries) };
}

/** So many included resources are remembered from page to page; of more, some may come again. */
const mostTold = 600;

/** What earlier pages have included, as the link to this page carries it: a short mark of each resource. */
function toldBefore(marks = '') {
  const known = new Set(marks.match(/.{8}/g) ?? []);
  const mark = ({ version: { type, id } }: Match) =>
    createHash('sha256').update(`${type}/${id}`).digest('base64url').slice(0, 8);
  return {
    has: (match: Match) => known.has(mark(match)),
    /** The position of the next page, which will know these as well. */
    with: (position: TypedPosition, matches: readonly Match[]) => ({
      ...position,
      told: [...known, ...matches.map(mark)].slice(0, mostTold).join(''),
    }),
  };
}

/** Whether what is included is part of the record itself, so that one of the pages has it as a match. */
function comesAsMatch(
  { type: owner, id }: OperationRequest,
  server: Server,
  { start, end }: EverythingQuestion,
  searches: readonly TypedFilter[],
  { version, terms }: Match,
): boolean {
  // Dates of care narrow the record, and are not among the terms.
  if (start || end || !searches.some(({ type }) => type === version.type)) return false;
  const entries = { terms: [...terms], intervals: [], words: [], sort: {} };
  const { type, updated } = version;
  return matches(recordFilter(server, owner!, id, type), { type, id: version.id, updated, entries });
}

/** What is asked of each type that can be part of the record. */
function searchesOf(
  { type: owner, id }: OperationRequest,
  server: Server,
  { types, since, start, end }: EverythingQuestion,
): TypedFilter[] {
  const members = recordTypes(server, owner!);
  // Other types are found by following the references of members, whatever the members' own types.
  const asked = types?.every((type) => members.includes(type)) ? types : members;
  return asked.map((type) => ({
    type,
    filter: and([
      recordFilter(server, owner!, id, type),
      ...(since === undefined ? [] : [{ kind: 'updated', is: { gte: since } } as const]),
      caredFor(server.parameters.of(type), start, end),
    ]),
  }));
}
