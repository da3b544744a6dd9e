import { type Issue, operationOutcome } from '../../fhir/outcome.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Include } from '../../fhir/search/result-parameters.ts';
import { invalid } from '../../fhir/search/values.ts';
import { followIncludes } from '../../interactions/include.ts';
import { openPosition, operationLink } from '../../interactions/links.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { findPage, pageBytes, type TypedPosition } from '../../interactions/page.ts';
import { entryOf, type Link, type SearchEntry, searchset } from '../../interactions/searchset.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { hasIdentifier } from '../queries.ts';
import type { Target } from '../reference.ts';
import { historyOperationUrl } from '../vocabulary.ts';
import { type HistoryQuestion, readQuestion } from './parameters.ts';
import { referralsOf } from './query.ts';

/** One identifier can stand on several records of one person, until they are merged. */
const mostPatients = 20;

const newestFirst = [{ key: 'authored', descending: true }];

const include = (type: string, parameter: string): Include => ({ type, parameter, iterate: true });

/** What comes with each referral: its patient, parties and diagnoses; of its Tasks the parties and the feedback. */
const includes: readonly Include[] = [
  include('ServiceRequest', 'subject'),
  include('ServiceRequest', 'requester'),
  include('ServiceRequest', 'performer'),
  include('ServiceRequest', 'reason-reference'),
  include('Task', 'sender'),
  include('Task', 'receiver'),
  include('Task', 'output'),
  include('PractitionerRole', 'organization'),
  include('HealthcareService', 'organization'),
];

/** What refers to a referral: its Tasks, and the warnings that are kept with it. */
const revincludes: readonly Include[] = [
  { type: 'Task', parameter: 'focus', target: 'ServiceRequest', iterate: false },
  { type: 'DetectedIssue', parameter: 'implicated', target: 'ServiceRequest', iterate: false },
];

const cutShort: Issue = {
  severity: 'warning',
  code: 'incomplete',
  text: {
    zh: '附带的资源过多,只列出一部分;请减小 _count',
    en: 'Too many resources come with these referrals, only some are listed; ask for a smaller _count',
  },
};

/**
 * `Patient/$referral-history?identifier=system|value`, or `Patient/[id]/$referral-history`: the patient's referrals,
 * newest first by authoredOn, a page at a time, as a searchset. The referrals are its matches; Tasks, patient,
 * organizations, diagnoses, feedback and warnings are included, each once. An identifier that nobody has gives an empty
 * Bundle, as a search does; a patient's id that does not exist is refused with 404, one that was deleted with 410.
 */
export const referralHistory: Operation = {
  name: '$referral-history',
  definition: historyOperationUrl,
  on: { type: true, instance: true, types: ['Patient'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { store, base, cursor } = request;
  const question = readQuestion(request.parameters);
  const after =
    question.cursor === undefined ? undefined : openPosition<TypedPosition>(cursor, question.cursor);
  const patients = await findPatients(request, question);
  const filter = referralsOf(patients, question);
  const page =
    patients.length === 0
      ? { matches: [] }
      : await findPage(store, {
          searches: [{ type: 'ServiceRequest', filter }],
          sort: newestFirst,
          after,
          size: question.count,
          bytes: pageBytes(server.limits),
        });
  const included = await followIncludes(server, page.matches, { include: includes, revinclude: revincludes });

  const links: Link[] = [{ relation: 'self', url: operationLink(request, '$referral-history') }];
  if ('next' in page && page.next)
    links.push({
      relation: 'next',
      url: operationLink(request, '$referral-history', cursor.seal(page.next)),
    });
  const entries: SearchEntry[] = [
    ...page.matches.map((match) => entryOf(match, 'match')),
    ...included.matches.map((match) => entryOf(match, 'include')),
  ];
  if (!included.complete)
    entries.push({ json: JSON.stringify(operationOutcome([cutShort])), mode: 'outcome' });
  // The first page knows how many there are when it is also the last.
  const total = after === undefined && links.length === 1 ? page.matches.length : undefined;
  return { status: 200, json: searchset(base, links, entries, total) };
}

async function findPatients(
  { store, id }: OperationRequest,
  { identifier }: HistoryQuestion,
): Promise<Target[]> {
  if (id !== undefined) {
    if (identifier !== undefined)
      throw invalid('identifier', {
        zh: '地址已指明患者',
        en: 'the patient is named by the address already',
      });
    return [await knownPatient(store, id)];
  }
  if (identifier === undefined) throw invalid('identifier', { zh: '必须给出', en: 'it is required' });
  const filter = hasIdentifier('identifier', identifier);
  const matches = await store.search({ type: 'Patient', filter, sort: [], limit: mostPatients });
  return matches.map(({ version }) => ({ type: 'Patient', id: version.id }));
}

async function knownPatient(store: Reader, id: string): Promise<Target> {
  const patient = await store.read('Patient', id);
  if (!patient) throw refuse(refusals.notFound, [`Patient/${id}`]);
  if (patient.text === null) throw refuse(refusals.gone, [`Patient/${id}`]);
  return { type: 'Patient', id };
}
