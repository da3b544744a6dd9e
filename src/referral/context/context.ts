import type { Environment } from '../../fhir/fhirpath/compile.ts';
import type { Resource } from '../../fhir/resource.ts';
import { or } from '../../fhir/search/query.ts';
import type { Measurands } from '../observations/measurands.ts';
import { refersTo } from '../queries.ts';
import { isSame, type References, type Target } from '../reference.ts';
import { findAffiliations, findAgreements } from './agreements.ts';
import {
  type Episode,
  findConditions,
  findConsents,
  findDiagnoses,
  findMedicines,
  findObservations,
  findTasks,
  patientOf,
} from './episode.ts';
import { findFormulary } from './formulary.ts';
import { findLeads, findReceiver, findSender } from './parties.ts';
import type { Records } from './records.ts';
import { type TierLists, tierOf } from './tier-lists.ts';
import { type Variable, variables } from './variables.ts';

/** What the rules about one referral, or about one Task, can see. Filled only with what they ask for. */
export interface Context {
  readonly patient: Target | undefined;
  /** The values of all variables by name. To read one that was not loaded throws `NotLoaded`. */
  readonly environment: Environment;
  /** Fills variables in, each once. `likely` are those that will probably be asked for as well. */
  load(names: Iterable<Variable>, likely?: ReadonlySet<Variable>): Promise<void>;
}

/** A variable was read that must be loaded first. */
export class NotLoaded extends Error {
  readonly variable: Variable;

  constructor(variable: Variable) {
    super(`%${variable} is not loaded`);
    this.variable = variable;
  }
}

/** Made once: they are thrown on the way of every referral, and to note where would cost more than to evaluate again. */
const notLoaded = new Map(variables.map((name) => [name, new NotLoaded(name)]));

/** Where contexts come from. */
export interface Sources {
  records: Records;
  references: References;
  tierLists: TierLists;
  /** The codes of the value sets that the rules read, by the canonical URL as which they are a variable. */
  lists: Environment;
  measurands: Measurands;
  /** The instant of the submission, in milliseconds since the epoch. */
  now: number;
}

/** What a context is about. Without referral and Task it is that of a resource outside of referrals. */
export interface Subject {
  referral?: Resource | undefined;
  task?: Resource | undefined;
  patient?: Target | undefined;
  /** Whose encounter is meant: that from which the referral arose, or that of the Task at the receiver. */
  encounterOf: 'referral' | 'task';
}

const mostServices = 200;

const parties: ReadonlySet<Variable> = new Set(['from', 'to', 'lead']);

/** The context of a referral: what the submission brings, completed by what the store holds. */
export function createContext(sources: Sources, subject: Subject): Context {
  const { records, references, tierLists, lists, measurands, now } = sources;
  const { referral, task, encounterOf } = subject;
  const patient = subject.patient ?? patientOf(referral, references) ?? patientOf(task, references);
  const episode: Episode = { records, references, patient, referral, now };

  const sender = once(() => findSender(records, references, referral, task));
  const receiver = once(() => findReceiver(records, references, referral, task));
  const known = once(async () => findAffiliations(records, [await sender(), await receiver()], now));
  const leads = once(async () => findLeads(references, await sender(), await known()));
  const services = once(() => findServices());

  const loaders: Record<Variable, () => Promise<unknown>> = {
    sr: async () => referral,
    task: async () => task,
    pt: async () => patient && records.find(patient),
    from: async () => findOne(await sender()),
    to: async () => findOne(await receiver()),
    lead: async () =>
      records.findAll(
        'Organization',
        (await leads()).map(({ id }) => id),
      ),
    dx: () => findDiagnoses(episode),
    conds: () => findConditions(episode),
    obs: () => findObservations(episode, measurands),
    meds: () => findMedicines(episode),
    consents: () => findConsents(episode),
    signer: () => findSigners(),
    agreements: async () =>
      findAgreements(records, references, await sender(), await receiver(), {
        affiliations: await known(),
        now,
      }),
    formulary: async () => findFormulary(records, references, await findOne(await receiver())),
    svcFrom: async () => servicesOf(await services(), await sender()),
    svcTo: async () => servicesOf(await services(), await receiver()),
    enc: () => findEncounters(),
    tasks: () => findTasks(episode),
    tierList: async () => tierLists.get(tierOf(await findOne(await sender())) ?? ''),
    asOf: async () => new Date(now).toISOString(),
  };

  async function findOne(target: Target | undefined): Promise<Resource | undefined> {
    return target && records.find(target);
  }

  /** The services of both parties in one question. */
  async function findServices(): Promise<Resource[]> {
    const organizations = [await sender(), await receiver()].filter((party) => party !== undefined);
    if (organizations.length === 0) return [];
    const filter = or(organizations.map((organization) => refersTo('organization', organization)));
    return [
      ...records.submitted('HealthcareService'),
      ...(await records.stored('HealthcareService', filter, mostServices)),
    ];
  }

  function servicesOf(all: readonly Resource[], party: Target | undefined): Resource[] {
    return all.filter((service) => isSame(references.target(service, 'providedBy'), party));
  }

  /** Who signs has been read to find the sender. */
  function findSigners(): Promise<Resource[]> {
    const roles = references.targets(referral, 'requester').filter(({ type }) => type === 'PractitionerRole');
    return records.findAll(
      'PractitionerRole',
      roles.map(({ id }) => id),
    );
  }

  function findEncounters(): Promise<Resource[]> {
    const targets =
      encounterOf === 'referral'
        ? references.targets(referral, 'encounter')
        : [...references.targets(task, 'encounter'), ...outputsOf(task)];
    const ids = targets.flatMap(({ type, id }) => (type === 'Encounter' ? id : []));
    return records.findAll('Encounter', ids);
  }

  function outputsOf(of: Resource | undefined): Target[] {
    const outputs = Array.isArray(of?.output) ? (of.output as Resource[]) : [];
    return outputs.flatMap((output) => references.targets(output, 'valueReference'));
  }

  const environment: Environment = { ...lists };
  const loaded = new Set<Variable>();
  for (const name of variables) {
    Object.defineProperty(environment, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        throw notLoaded.get(name);
      },
    });
  }
  return {
    patient,
    environment,
    async load(names, likely) {
      const missing = [...new Set(names)].filter((name) => !loaded.has(name));
      if (missing.some((name) => parties.has(name))) await findPartiesAtOnce([...missing, ...(likely ?? [])]);
      for (const name of missing) {
        const value = (await loaders[name]()) ?? [];
        Object.defineProperty(environment, name, { value: Array.isArray(value) ? value : [value] });
        loaded.add(name);
      }
    },
  };

  /** Where several parties are wanted, they are one question to the store. */
  async function findPartiesAtOnce(names: readonly Variable[]): Promise<void> {
    const wanted = [
      names.includes('from') ? await sender() : undefined,
      names.includes('to') ? await receiver() : undefined,
      ...(names.includes('lead') ? await leads() : []),
    ];
    await records.findAll(
      'Organization',
      wanted.flatMap((target) => target?.id ?? []),
    );
  }
}

/** Does the work when it is first asked for, and gives the same result from then on. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
