import type { Answer, Call } from './connection.ts';
import type { Measure } from './plan.ts';
import { loadedId, loadedNames, patientEntries, transactionOf, wholeReferral } from './population/bundles.ts';
import { senders } from './population/community.ts';
import { person } from './population/numbers.ts';
import { referralOf, residentIds } from './population/referral.ts';

/** How one measure asks the server. */
export interface Requests {
  /** What is to be known first, asked of the server. */
  prepare?(ask: (call: Call) => Promise<Answer>): Promise<void>;
  next(): Call;
  /** The statuses of right answers. */
  statuses: readonly number[];
  /** Holds a whole answer to what it must say. Asked once, before the measure, since it costs time. */
  check(answer: unknown): boolean;
}

interface SearchSet {
  entry?: { resource: { resourceType: string; status: string; meta: { lastUpdated: string } } }[];
}

const receiver = 'bench-lead';
const authored = new Date();
/** So many Tasks are updated again and again, by whichever client. */
const tasksUpdated = 64;
/** Patients of one transaction of the load, of 11 resources each. */
const patientsLoaded = 3;

/** The requests of all measures, on a server that holds so many patients. */
export function requestsOn(patients: number): Record<Measure, Requests> {
  let written = 0;
  /** Numbers of patients that no other run has used on a server that keeps what it is given. */
  const unused = 1_000_000 + (Math.floor(Date.now() / 1_000) % 4_000) * 2_000;
  const tasks: object[] = [];
  const anyPatient = () => Math.floor(Math.random() * patients);
  const get = (path: string): Call => ({ method: 'GET', path });
  const asked = { statuses: [200] };
  const made = {
    statuses: [201],
    check: (answer: unknown) => (answer as { meta?: { versionId?: string } }).meta?.versionId === '1',
  };
  const isWritten = (count: number) => (answer: unknown) => {
    const { entry } = answer as { entry: { response: { status: string } }[] };
    return entry.length === count && entry.every(({ response }) => /^20[01]/.test(response.status));
  };
  return {
    read: {
      ...asked,
      next: () => get(`ServiceRequest/${loadedId('ServiceRequest', anyPatient(), 1)}`),
      check: (answer) => (answer as { status?: string }).status === 'active',
    },
    identifier: {
      ...asked,
      next: () => get(`Patient?identifier=${residentIds}%7C${person(anyPatient()).residentId}`),
      check: (answer) => found(answer, 'Patient').length === 1,
    },
    search: {
      ...asked,
      next: () => get(`ServiceRequest?subject=Patient/${loadedId('Patient', anyPatient(), 0)}&status=active`),
      check: (answer) => found(answer, 'ServiceRequest').join() === 'active',
    },
    worklist: {
      ...asked,
      next: () => get(`Task?owner=Organization/${receiver}&status=requested&_sort=-_lastUpdated&_count=20`),
      check: (answer) =>
        found(answer, 'Task').length === Math.min(20, 2 * Math.floor(patients / senders.length)) &&
        isNewestFirst(answer),
    },
    chained: {
      ...asked,
      next: () =>
        get(`ServiceRequest?patient.identifier=${residentIds}%7C${person(anyPatient()).residentId}`),
      check: (answer) => found(answer, 'ServiceRequest').sort().join() === 'active,revoked',
    },
    include: {
      ...asked,
      next: () =>
        get(
          `ServiceRequest?_id=${loadedId('ServiceRequest', anyPatient(), 1)}&_include=ServiceRequest:subject&_revinclude=Task:focus`,
        ),
      check: (answer) => found(answer, 'Patient').length === 1 && found(answer, 'Task').length === 1,
    },
    everything: {
      ...asked,
      next: () => get(`Patient/${loadedId('Patient', anyPatient(), 0)}/$everything`),
      check: (answer) =>
        found(answer, 'Patient').length === 1 && found(answer, 'ServiceRequest').length === 2,
    },
    patient: {
      ...made,
      next: () => ({ method: 'POST', path: 'Patient', body: newPatient(unused + written++) }),
    },
    create: {
      ...made,
      next: () => ({
        method: 'POST',
        path: 'ServiceRequest',
        body: newReferral(anyPatient(), `ZZ-C-${process.pid}-${written++}`),
      }),
    },
    update: {
      ...asked,
      prepare: async (ask) => {
        for (let n = tasks.length; n < Math.min(tasksUpdated, patients); n++) {
          const { body } = await ask(get(`Task/${loadedId('Task', n, 1)}`));
          tasks.push(JSON.parse(body.toString()) as object);
        }
      },
      next: () => {
        const task = tasks[written++ % tasks.length] as { id: string };
        const body = JSON.stringify({ ...task, note: [{ text: `第 ${written} 次联系` }] });
        return { method: 'PUT', path: `Task/${task.id}`, body };
      },
      check: (answer) => Number((answer as { meta: { versionId: string } }).meta.versionId) > 1,
    },
    transaction: {
      ...asked,
      next: () => ({ method: 'POST', path: '', body: wholeReferral(unused + written++) }),
      check: isWritten(6),
    },
    load: {
      ...asked,
      next: () => {
        const first = unused + written;
        written += patientsLoaded;
        const entries = Array.from({ length: patientsLoaded }, (_, n) => patientEntries(first + n));
        return { method: 'POST', path: '', body: transactionOf(entries.flat()) };
      },
      check: isWritten(11 * patientsLoaded),
    },
  };
}

/** Whether an answer is good enough to be counted. */
export function isRight({ status, body }: Answer, { statuses }: Requests): boolean {
  return statuses.includes(status) && body.length > 0;
}

/** One more patient. */
function newPatient(patient: number): string {
  const names = loadedNames(patient, 0);
  return JSON.stringify(
    referralOf({ patient, number: '', sender: senders[patient % 2]!, names, authored }).Patient,
  );
}

/** One more referral of a known patient. */
function newReferral(patient: number, number: string): string {
  const { ServiceRequest } = referralOf({
    patient,
    number,
    sender: senders[patient % 2]!,
    names: loadedNames(patient, 1),
    authored,
  });
  return JSON.stringify(ServiceRequest);
}

function found(answer: unknown, type: string): string[] {
  const { entry = [] } = answer as SearchSet;
  return entry.flatMap(({ resource }) => (resource.resourceType === type ? resource.status : []));
}

function isNewestFirst(answer: unknown): boolean {
  const times = (answer as SearchSet).entry!.map(({ resource }) => Date.parse(resource.meta.lastUpdated));
  return times.every((time, index) => index === 0 || time <= times[index - 1]!);
}
