import type { Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { consentOf, recipient } from './asking.ts';

/** The institutions that write, and behind them the alliances, which a Consent can name as well. */
export const organizations = [
  { id: 'east', alliance: 'river' },
  { id: 'west', alliance: 'river' },
  { id: 'hill', alliance: 'mountain' },
  { id: 'lone', alliance: undefined },
  { id: 'river', alliance: 'river' },
  { id: 'mountain', alliance: 'mountain' },
] as const;
export const writers = 4;

/** What somebody does. Numbers choose among what there is: institutions, patients, notes, orders, Tasks. */
export type Act =
  | { kind: 'register'; by: number; patient: number }
  | { kind: 'note'; by: number; patient: number }
  | { kind: 'order'; by: number; patient: number; about: number[] }
  | { kind: 'task'; by: number; to: number; of: number }
  | { kind: 'hand on'; task: number; to: number }
  | {
      kind: 'consent';
      by: number;
      patient: number;
      type: 'deny' | 'permit';
      to: number | undefined;
      purpose: string | undefined;
      period: string;
    }
  | { kind: 'end consent'; consent: number }
  | { kind: 'label'; note: number };

/** The request by which an act is done. */
export interface Planned {
  by: Actor;
  method: 'POST' | 'PUT';
  path: string;
  resource: Resource;
}

export interface Reader {
  name: string;
  actor: Actor;
}

/** What was written. */
interface Written {
  path: string;
  type: string;
  author: string;
  patient: string;
  names: string[];
  body: Resource;
  isSensitive: boolean;
}

const purposes = ['TREAT', 'HRESCH'];
const of = (n: number) => `Organization/${organizations[n]!.id}`;
const actorAt = (organization: string): Actor => ({ organization, roles: ['referrer', 'receiver'] });
const allianceOf = (organization: string) =>
  organizations.find(({ id }) => `Organization/${id}` === organization)?.alliance;

/** Says who may see what, from what was written, in the order in which it was: the rules in words, and no labels. */
export function createOracle() {
  const written: Written[] = [];
  /** Who has had a Task from which the resource is reached. */
  const parties = new Map<string, Set<string>>();
  /** What is about to be written, and by whom. */
  let planned: Written | undefined;
  let writer: string | undefined;

  const at = (path: string) => written.find((each) => each.path === path);
  const some = (type: string, n: number) => {
    const those = written.filter((each) => each.type === type);
    return those.length > 0 ? those[n % those.length] : undefined;
  };
  const standing = ({ path, author, type, patient }: Written): Set<string> =>
    new Set([
      author,
      ...(parties.get(path) ?? []),
      // A Consent is read by whoever has to do with the patient.
      ...(type === 'Consent' ? standing(at(patient)!) : []),
    ]);

  /** For which purposes an institution, or the office of an alliance, may read. */
  function allowed(reader: string, resource: Written, isOffice: boolean): Set<string> {
    const { author, patient } = resource;
    const those = [...standing(resource)];
    const has = isOffice
      ? those.some((each) => `Organization/${allianceOf(each)}` === reader)
      : those.includes(reader);
    const result = new Set(has ? purposes : []);
    const isKept = !isOffice && reader === author;
    const consents = written.filter(
      ({ type, patient: whose, body }) => type === 'Consent' && whose === patient && body.status === 'active',
    );
    for (const step of ['deny all', 'permit', 'deny']) {
      for (const consent of consents) {
        const provision = consent.body.provision as {
          type: string;
          period?: object;
          purpose?: { code: string }[];
          actor?: { reference: { reference: string } }[];
        };
        if (provision.period !== undefined) continue;
        const named = provision.actor?.[0]?.reference.reference;
        const about = provision.purpose?.map(({ code }) => code) ?? purposes;
        if (step === 'permit') {
          if (provision.type !== 'permit' || named !== reader) continue;
          // Who has not registered the patient speaks for what they have made.
          if (consent.author !== at(patient)!.author && consent.author !== author) continue;
          for (const each of about) result.add(each);
        } else {
          if (provision.type !== 'deny' || isKept) continue;
          if (step === 'deny all' ? named !== undefined : named !== reader) continue;
          for (const each of about) result.delete(each);
        }
      }
    }
    return result;
  }

  /** Whether an institution may pass on a resource: it has made it, or takes part in it and is not denied. */
  function mayGive(giver: string, resource: Written): boolean {
    return (
      giver === resource.author ||
      (standing(resource).has(giver) && allowed(giver, resource, false).has('TREAT'))
    );
  }

  /** A Task's new parties have to do with what it leads to. */
  function lead(from: Written, giver: string, to: string, left: number): void {
    if (left === 0 || from.type === 'Patient') return;
    const givers = from.type === 'Task' ? [giver] : [giver, from.author];
    for (const name of from.names) {
      const target = at(name)!;
      if (!givers.some((each) => mayGive(each, target))) continue;
      if (!parties.has(name)) parties.set(name, new Set());
      parties.get(name)!.add(to);
      lead(target, giver, to, left - 1);
    }
  }

  function join(task: Written, giver: string, to: string): void {
    if (!parties.has(task.path)) parties.set(task.path, new Set());
    // Who has had it already gains nothing by having it again.
    if (parties.get(task.path)!.has(to)) return;
    parties.get(task.path)!.add(to);
    lead(task, giver, to, 3);
  }

  function make(by: string, patient: string, body: Resource, names: string[] = []): Planned {
    const type = body.resourceType;
    writer = by;
    planned = { path: '', type, author: by, patient, names, body, isSensitive: false };
    return { by: actorAt(by), method: 'POST', path: type, resource: body };
  }

  function change(by: string, resource: Written, body: Resource): Planned {
    planned = { ...resource, body };
    writer = by;
    const [, id] = resource.path.split('/') as [string, string];
    return { by: actorAt(by), method: 'PUT', path: resource.path, resource: { ...body, id } };
  }

  return {
    readers: [
      ...organizations
        .slice(0, writers)
        .map(({ id }): Reader => ({ name: id, actor: actorAt(`Organization/${id}`) })),
      ...['east', 'hill'].map(
        (id): Reader => ({
          name: `${id} for research`,
          actor: { ...actorAt(`Organization/${id}`), purpose: 'HRESCH' },
        }),
      ),
      ...['river', 'mountain'].map(
        (id): Reader => ({
          name: `office of ${id}`,
          actor: { organization: `Organization/${id}`, roles: ['alliance-office'] },
        }),
      ),
    ],
    /** The request of an act; undefined where there is nothing that it could be about, or nobody who would do it. */
    plan(act: Act): Planned | undefined {
      switch (act.kind) {
        case 'register':
          return make(of(act.by), '', { resourceType: 'Patient' });
        case 'note': {
          const subject = { reference: some('Patient', act.patient)!.path };
          const body = { resourceType: 'Observation', status: 'final', code: { text: '体重' }, subject };
          return make(of(act.by), subject.reference, body, [subject.reference]);
        }
        case 'order': {
          const subject = { reference: some('Patient', act.patient)!.path };
          const supportingInfo = act.about.flatMap((n) => {
            const note = some('Observation', n);
            return note ? [{ reference: note.path }] : [];
          });
          const body = {
            resourceType: 'ServiceRequest',
            status: 'active',
            intent: 'order',
            code: { text: '会诊' },
            subject,
            ...(supportingInfo.length > 0 && { supportingInfo }),
          };
          const names = [subject, ...supportingInfo].map(({ reference }) => reference);
          return make(of(act.by), subject.reference, body, [...new Set(names)]);
        }
        case 'task': {
          const order = some('ServiceRequest', act.of);
          if (!order) return undefined;
          const body = {
            resourceType: 'Task',
            status: 'requested',
            intent: 'order',
            code: { text: '会诊' },
            focus: { reference: order.path },
            for: { reference: order.patient },
            requester: { reference: of(act.by) },
            owner: { reference: of(act.to) },
          };
          return make(of(act.by), order.patient, body, [order.path, order.patient]);
        }
        case 'hand on': {
          const task = some('Task', act.task);
          const owner = (task?.body.owner as { reference: string } | undefined)?.reference;
          if (!task || !owner || owner === of(act.to) || !allowed(owner, task, false).has('TREAT'))
            return undefined;
          return change(owner, task, { ...task.body, owner: { reference: of(act.to) } });
        }
        case 'consent': {
          const patient = some('Patient', act.patient)!;
          if (!standing(patient).has(of(act.by))) return undefined;
          return make(of(act.by), patient.path, stated(patient.path, act), [patient.path]);
        }
        case 'end consent': {
          const consent = some('Consent', act.consent);
          return consent && change(consent.author, consent, { ...consent.body, status: 'inactive' });
        }
        case 'label': {
          const note = some('Observation', act.note);
          if (!note || note.isSensitive) return undefined;
          const system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
          return change(note.author, note, { ...note.body, meta: { security: [{ system, code: 'R' }] } });
        }
        default:
          throw new TypeError(`Unknown act ${act satisfies never}`);
      }
    },
    /** Told that what was planned last has been written. */
    done(act: Act, path: string): void {
      const made = { ...planned!, path, isSensitive: planned!.isSensitive || act.kind === 'label' };
      if (made.type === 'Patient') made.patient = path;
      const index = written.findIndex((each) => each.path === path);
      if (index < 0) written.push(made);
      else written[index] = made;
      if (act.kind === 'task') for (const to of [act.by, act.to]) join(made, of(act.by), of(to));
      if (act.kind === 'hand on') join(made, writer!, of(act.to));
    },
    subjectOf: (path: string) => at(path)!.patient,
    get all(): string[] {
      return written.map(({ path }) => path);
    },
    /** All that a reader is to see. */
    due({ actor: { organization, roles, purpose = 'TREAT' } }: Reader): Set<string> {
      const isOffice = roles.includes('alliance-office');
      const due = written.filter(
        (each) => !each.isSensitive && allowed(organization!, each, isOffice).has(purpose),
      );
      return new Set(due.map(({ path }) => path));
    },
  };
}

/** The Consent that an act makes. */
function stated(patient: string, { type, to, purpose, period }: Extract<Act, { kind: 'consent' }>): Resource {
  const periods: Record<string, object> = { over: { end: '2020-01-01' }, 'to come': { start: '2999-01-01' } };
  return consentOf(patient, {
    type,
    ...(periods[period] && { period: periods[period] }),
    ...(to !== undefined && { actor: [recipient(organizations[to]!.id)] }),
    ...(purpose && {
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose }],
    }),
  });
}
