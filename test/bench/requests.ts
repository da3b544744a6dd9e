import type { Answer, Call } from './connection.ts';
import type { Measure } from './plan.ts';
import { loadedId, loadedNames, wholeReferral } from './population/bundles.ts';
import { senders } from './population/community.ts';
import { person } from './population/numbers.ts';
import { referralOf, residentIds } from './population/referral.ts';

/** How one measure asks the server. */
export interface Requests {
  next(): Call;
  /** The status of the right answer. */
  status: number;
  /** Holds a whole answer to what it must say. Asked once, before the measure, since it costs time. */
  check(answer: unknown): boolean;
}

interface SearchSet {
  entry?: { resource: { resourceType: string; status: string; meta: { lastUpdated: string } } }[];
}

const receiver = 'bench-lead';
const authored = new Date();
let written = 0;

/** The requests of all measures, on a server that holds so many patients. */
export function requestsOn(patients: number): Record<Measure, Requests> {
  const anyPatient = () => Math.floor(Math.random() * patients);
  const get = (path: string): Call => ({ method: 'GET', path });
  return {
    read: {
      next: () => get(`ServiceRequest/${loadedId('ServiceRequest', anyPatient(), 1)}`),
      status: 200,
      check: (answer) => (answer as { status?: string }).status === 'active',
    },
    search: {
      next: () => get(`ServiceRequest?subject=Patient/${loadedId('Patient', anyPatient(), 0)}&status=active`),
      status: 200,
      check: (answer) => found(answer, 'ServiceRequest').join() === 'active',
    },
    chained: {
      next: () =>
        get(`ServiceRequest?patient.identifier=${residentIds}%7C${person(anyPatient()).residentId}`),
      status: 200,
      check: (answer) => found(answer, 'ServiceRequest').sort().join() === 'active,revoked',
    },
    worklist: {
      next: () => get(`Task?owner=Organization/${receiver}&status=requested&_sort=-_lastUpdated&_count=20`),
      status: 200,
      check: (answer) =>
        found(answer, 'Task').length === Math.min(20, 2 * Math.floor(patients / senders.length)) &&
        isNewestFirst(answer),
    },
    create: {
      next: () => ({ method: 'POST', path: 'ServiceRequest', body: newReferral(anyPatient()) }),
      status: 201,
      check: (answer) => (answer as { meta?: { versionId?: string } }).meta?.versionId === '1',
    },
    transaction: {
      next: () => ({ method: 'POST', path: '', body: wholeReferral(patients + written++) }),
      status: 200,
      check: (answer) => {
        const { entry } = answer as { entry: { response: { status: string; outcome?: unknown } }[] };
        return entry.length === 6 && entry.every(({ response }) => response.status.startsWith('201'));
      },
    },
  };
}

/** Whether an answer is good enough to be counted. */
export function isRight({ status, body }: Answer, requests: Requests): boolean {
  return status === requests.status && body.length > 0;
}

/** One more referral of a known patient. */
function newReferral(patient: number): string {
  const { ServiceRequest } = referralOf({
    patient,
    number: `ZZ-C-${process.pid}-${written++}`,
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
