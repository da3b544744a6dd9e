import { codings, elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { and, or, type Query } from '../../fhir/search/query.ts';
import { type Span, spanOf } from '../../fhir/search/time.ts';
import { comparable } from '../observations/comparable.ts';
import type { Measurands } from '../observations/measurands.ts';
import { impossibleValues } from '../observations/plausibility.ts';
import { hasCode, hasConcept, overlaps, refersTo } from '../queries.ts';
import { isSame, type References, type Target } from '../reference.ts';
import type { Records } from './records.ts';

const hour = 3_600_000;

/** What belongs to the episode of a referral reaches this far back from the time it was written. */
const episodeLength = 72 * hour;

/** How far back the patient's earlier referrals count. */
const taskMemory = 30 * 24 * hour;

/** Bounds on what the store is asked for of one patient. */
const most = { observations: 200, conditions: 100, medicines: 50, consents: 50, tasks: 100 };

const clinicalStatus = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const activeStatuses = ['active', 'recurrence', 'relapse'];

/** The referral whose episode is meant. */
export interface Episode {
  records: Records;
  references: References;
  patient: Target | undefined;
  referral: Resource | undefined;
  /** The instant of the submission, in milliseconds since the epoch. */
  now: number;
}

/** The conditions that the referral is about: its `reasonReference`. */
export function findDiagnoses({ records, references, referral }: Episode): Promise<Resource[]> {
  return findReferred(records, references, referral, 'reasonReference', 'Condition');
}

/** The diagnoses, the conditions that come with the referral, and those stored as active in this episode. */
export async function findConditions(episode: Episode): Promise<Resource[]> {
  const span = spanOfEpisode(episode);
  const recent = overlaps('recorded-date', span.low, span.high);
  const encounter = episode.references.target(episode.referral, 'encounter');
  const filter = and([
    or(activeStatuses.map((status) => hasConcept('clinical-status', clinicalStatus, status))),
    encounter ? or([recent, refersTo('encounter', encounter)]) : recent,
  ]);
  return distinct([
    ...(await findDiagnoses(episode)),
    ...(await findSupporting(episode, 'Condition')),
    ...brought(episode, 'Condition').filter(isActive),
    ...(await findStored(episode, 'Condition', filter, most.conditions)),
  ]);
}

/**
 * The observations that come with the referral, that it refers to, and those stored in this episode; oldest first, in the
 * units that rules compare. What cannot be true tells nothing of the patient, and is left out.
 */
export async function findObservations(episode: Episode, measurands: Measurands): Promise<Resource[]> {
  const span = spanOfEpisode(episode);
  const observations = distinct([
    ...brought(episode, 'Observation'),
    ...(await findSupporting(episode, 'Observation')),
    ...(await findStored(episode, 'Observation', overlaps('date', span.low, span.high), most.observations)),
  ]);
  return observations
    .filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled')
    .map((observation) => comparable(observation, measurands))
    .filter((observation) => impossibleValues(observation, measurands).length === 0)
    .map((observation) => ({ observation, time: timeOf(observation) }))
    .sort((a, b) => a.time - b.time)
    .map(({ observation }) => observation);
}

/**
 * The medicines that come with the referral, that it refers to, and those stored as prescribed now. What a Medication of
 * its own says of one stands in it as its code.
 */
export async function findMedicines(episode: Episode): Promise<Resource[]> {
  const medicines = distinct([
    ...brought(episode, 'MedicationRequest'),
    ...brought(episode, 'MedicationStatement'),
    ...(await findSupporting(episode, 'MedicationRequest')),
    ...(await findSupporting(episode, 'MedicationStatement')),
    ...(await findStored(episode, 'MedicationRequest', hasCode('status', 'active'), most.medicines)),
  ]);
  return Promise.all(medicines.map((medicine) => withCode(medicine, episode)));
}

async function withCode(medicine: Resource, { records, references }: Episode): Promise<Resource> {
  const [link] = elements(medicine, 'medicationReference');
  if (!link) return medicine;
  const target = references.target(medicine, 'medicationReference', 'Medication');
  const medication = target
    ? await records.find(target)
    : elements(medicine, 'contained').find(({ id }) => string(link, 'reference') === `#${id}`);
  if (!medication?.code) return medicine;
  const { medicationReference: _, ...others } = medicine;
  return { ...others, medicationCodeableConcept: medication.code } as Resource;
}

/** The patient's consents: those that come with the referral, and those stored as in force. */
export async function findConsents(episode: Episode): Promise<Resource[]> {
  return [
    ...brought(episode, 'Consent'),
    ...(await findStored(episode, 'Consent', hasCode('status', 'active'), most.consents)),
  ];
}

/** The patient's tasks of the last 30 days. */
export async function findTasks(episode: Episode): Promise<Resource[]> {
  const recent = overlaps('modified', episode.now - taskMemory);
  return [...brought(episode, 'Task'), ...(await findStored(episode, 'Task', recent, most.tasks))];
}

/** What the submission brings of a type about the patient. */
function brought({ records, references, patient }: Episode, type: string): Resource[] {
  return records.submitted(type).filter((resource) => isSame(patientOf(resource, references), patient));
}

async function findStored(episode: Episode, type: string, filter: Query, limit: number): Promise<Resource[]> {
  const { records, patient } = episode;
  if (!patient || records.isNew(patient)) return [];
  return records.stored(type, and([refersTo('patient', patient), filter]), limit);
}

function findSupporting({ records, references, referral }: Episode, type: string): Promise<Resource[]> {
  return findReferred(records, references, referral, 'supportingInfo', type);
}

function findReferred(
  records: Records,
  references: References,
  parent: Resource | undefined,
  member: string,
  type: string,
): Promise<Resource[]> {
  const ids = references.targets(parent, member).flatMap((target) => (target.type === type ? target.id : []));
  return records.findAll(type, ids);
}

/** The patient that a resource is about: the Patient itself, or whom its subject, patient or `for` names. */
export function patientOf(resource: Resource | undefined, references: References): Target | undefined {
  if (resource?.resourceType === 'Patient') return { type: 'Patient', id: resource.id! };
  for (const member of ['subject', 'patient', 'for']) {
    const patient = references.target(resource, member, 'Patient');
    if (patient) return patient;
  }
  return undefined;
}

function spanOfEpisode({ referral, now }: Episode): Span {
  const written = spanOf(string(referral, 'authoredOn') ?? '') ?? { low: now, high: now };
  return { low: written.low - episodeLength, high: written.high };
}

function timeOf(observation: Resource): number {
  const period = elements(observation, 'effectivePeriod')[0];
  const time =
    string(observation, 'effectiveDateTime') ??
    string(observation, 'effectiveInstant') ??
    string(period, 'start') ??
    '';
  return spanOf(time)?.low ?? Number.MAX_VALUE;
}

function isActive(condition: Resource): boolean {
  const codes = codings(condition, 'clinicalStatus').map(({ code }) => code);
  return codes.length === 0 || codes.some((code) => activeStatuses.includes(code ?? ''));
}

function distinct(resources: readonly Resource[]): Resource[] {
  return [...new Map(resources.map((resource) => [resource.id, resource])).values()];
}
