import { elements, string } from '../../../fhir/elements.ts';
import { readJson } from '../../../fhir/json/parse.ts';
import { Refusal, refusals, refuse } from '../../../fhir/refusal.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { isBoundToPatient } from '../../../interactions/actor.ts';
import type { Operation, OperationRequest } from '../../../interactions/operation.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Match, Reader } from '../../../store/store.ts';
import { openRecords, type Records } from '../../context/records.ts';
import { hasIdentifier } from '../../queries.ts';
import { createReferences, pathOf, type References, type Target } from '../../reference.ts';
import { identifierSystems, verifyReferralUrl } from '../../vocabulary.ts';
import { paperRefusals } from '../refusals.ts';
import { certificateOf, isInForce } from './certificate.ts';
import type { MissLimit } from './miss-limit.ts';
import { readNumber } from './number.ts';

/** No two Tasks have the same number. */
const mostTasks = 1;

/** Parameters of the answer's form, which are not this operation's business. */
const names = ['number', 'identifier'];
const formNames = ['_format', '_pretty'];

/** What is told of the verifications since the start, and of nobody. */
export interface VerificationCount {
  /** Those that found nothing. */
  misses: number;
  /** Those that were refused, because their client had missed too often. */
  refused: number;
}

/** What the operation works with; built once, at start. */
export interface VerificationParts {
  /** Finds referrals whoever asks: who may read none is told what the operation tells, and nothing else. */
  reader: Reader;
  /** How often a client may ask for what is not there. */
  limit: MissLimit;
  report(count: VerificationCount): void;
}

/**
 * `ServiceRequest/$verify-referral` with `number` and `identifier`: whether the patient with this id number has an
 * accepted referral with this certificate number; if so from where, to where and when, and nothing else. A number that
 * there is not, one whose check character is wrong, one of another patient and one that no longer holds are answered
 * alike. Refuses with 400 what is no number at all, and with 429 a client that has missed too often.
 */
export function createVerifyReferral({ reader, limit, report }: VerificationParts): Operation {
  const count: VerificationCount = { misses: 0, refused: 0 };

  return {
    name: '$verify-referral',
    definition: verifyReferralUrl,
    on: { type: true, types: ['ServiceRequest'] },
    affectsState: false,
    run: async (request, server) => {
      const question = readQuestion(request);
      const client = clientOf(server);
      const seconds = await limit.wait(client);
      if (seconds > 0) {
        count.refused++;
        const { status, issues } = refuse(paperRefusals.tooManyGuesses, [String(seconds)]);
        throw new Refusal(status, issues, { 'Retry-After': String(seconds) });
      }
      const found = await verify(question, reader, server);
      if (!found) {
        await limit.miss(client);
        count.misses++;
        report({ ...count });
      }
      const parameter = found?.told ?? [{ name: 'referred', valueBoolean: false }];
      const json = JSON.stringify({ resourceType: 'Parameters', parameter });
      return { status: 200, json, ...(found && { about: [found.task.text] }) };
    },
  };
}

/**
 * Who asks: the registered client, else the address that the request comes from; addresses of one network of IPv6 are
 * one, for it can give itself any of them.
 */
function clientOf({ actor, client = '' }: Server): string {
  if (actor?.client) return actor.client;
  return client.includes(':') && !client.includes('.') ? client.split(':').slice(0, 4).join(':') : client;
}

interface Question {
  number: string;
  identifier: string;
}

function readQuestion({ parameters }: OperationRequest): Question {
  for (const name of parameters.keys())
    if (!names.includes(name) && !formNames.includes(name))
      throw refuse(refusals.unknownStepParameter, [name.slice(0, 64), names.join(', ')]);
  const [given, identifier] = names.map((name) => {
    const [value, ...others] = parameters.get(name) ?? [];
    if (!value?.trim() || others.length > 0) throw refuse(refusals.missingStepParameter, [name]);
    return value.trim();
  }) as [string, string];
  const number = readNumber(given);
  if (number === undefined)
    throw refuse(paperRefusals.malformedNumber, [
      'number',
      { zh: '须为 13 位数字和字母,如 7K3F-9QXM-2RTB-H', en: '13 digits and letters, as in 7K3F-9QXM-2RTB-H' },
    ]);
  if (!/^[\p{L}\p{N}()()/.-]{4,40}$/u.test(identifier))
    throw refuse(paperRefusals.malformedNumber, [
      'identifier',
      { zh: '须为患者的证件号码,不带 system', en: "the patient's id number, without its system" },
    ]);
  return { number, identifier: identifier.toUpperCase() };
}

/** The Task of the referral with this number that holds, of this patient, and what is told of it. */
async function verify(
  { number, identifier }: Question,
  reader: Reader,
  { base, now, actor }: Server,
): Promise<{ task: Match['version']; told: Element[] } | undefined> {
  const filter = hasIdentifier('certificate', `${identifierSystems.certificate}|${number}`);
  const matches = await reader.search({ type: 'Task', filter, sort: [], limit: mostTasks });
  const tasks = matches.map(({ version }) => ({ version, task: resourceOf(version.text) }));
  const { version, task } =
    tasks.find((each) => certificateOf(each.task)?.number === number && isInForce(each.task)) ?? {};
  if (!version || !task) return undefined;
  const references = createReferences(base);
  const records = openRecords({ changes: [], reader, now: now() });
  const find = (target: Target | undefined) => (target ? records.find(target) : undefined);
  const [patient, referral] = await Promise.all([
    find(references.target(task, 'for', 'Patient')),
    find(references.target(task, 'focus', 'ServiceRequest')),
  ]);
  const isPatients = elements(patient, 'identifier').some(
    (each) => string(each, 'value')?.toUpperCase() === identifier,
  );
  if (!isPatients) return undefined;
  // An app that was launched for one patient is told of no other.
  if (actor && isBoundToPatient(actor) && actor.patient !== `Patient/${patient?.id}`) return undefined;
  const written = string(referral, 'authoredOn') ?? string(task, 'authoredOn');
  const end = string(elements(elements(task, 'restriction')[0], 'period')[0], 'end');
  const told = [
    { name: 'referred', valueBoolean: true },
    { name: 'from', valueReference: await institution(task, 'requester', { records, references }) },
    { name: 'to', valueReference: await institution(task, 'owner', { records, references }) },
    ...(written === undefined ? [] : [{ name: 'referred-on', valueDateTime: written }]),
    { name: 'accepted-on', valueDateTime: certificateOf(task)!.issued },
    ...(end === undefined ? [] : [{ name: 'arrive-by', valueDateTime: end }]),
  ];
  return { task: version, told };
}

function resourceOf(text: string): Resource {
  return readJson(text) as Resource;
}

/** An institution by its reference and name. */
async function institution(
  task: Resource,
  member: string,
  { records, references }: { records: Records; references: References },
): Promise<Element> {
  const target = references.target(task, member, 'Organization');
  const organization = target && (await records.find(target));
  const display = string(organization, 'name') ?? string(elements(task, member)[0], 'display');
  return {
    ...(target && { reference: pathOf(target) }),
    ...(display !== undefined && { display }),
  };
}
