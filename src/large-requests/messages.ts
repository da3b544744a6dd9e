import type { AssembledBy } from '../assemble.ts';
import type { Issue } from '../fhir/outcome.ts';
import { Refusal } from '../fhir/refusal.ts';
import type { ContentHeaders } from '../http/binary.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Answer } from '../interactions/answer.ts';
import type { Request } from '../interactions/request.ts';
import type { StoredParameters } from '../interactions/search-parameters/outlook.ts';
import type { Settings } from '../settings.ts';

/** The settings that a thread goes by; keys and passwords are not among them. */
export type ThreadSettings = AssembledBy & Pick<Settings, 'logLevel' | 'maxBodyBytes'>;

/** What of the settings a thread is given. */
export function forThread(settings: Settings): ThreadSettings {
  const { auth, audit, importHistory, logLevel, maxBodyBytes } = settings;
  const { maxBundleEntries, maxPageSize, maxAnswerBytes, maxDepth, searchTimeout } = settings;
  const { conditionalDeleteMultiple, referentialIntegrity } = settings;
  const { subscriptionNetworks, subscriptionHttp, maxSubscriptions } = settings;
  return {
    ...{ auth, audit, importHistory, logLevel, maxBodyBytes },
    ...{ maxBundleEntries, maxPageSize, maxAnswerBytes, maxDepth, searchTimeout },
    ...{ conditionalDeleteMultiple, referentialIntegrity },
    ...{ subscriptionNetworks, subscriptionHttp, maxSubscriptions },
  };
}

/** What a thread is started with. */
export interface ThreadData {
  settings: ThreadSettings;
  /** The URL of the API, with the port that was really taken. */
  base: string;
  otherBaseUrls: readonly string[];
  version: string;
  /** Page links are sealed with it. */
  secret: string;
  /** The secrets of subscriptions are sealed with it. */
  sealKey: string;
}

/**
 * From so many bytes on a body is not worked at by the thread that serves: it would take more than the few milliseconds
 * that others can wait.
 */
export const largeBody = 131_072;

/** The body of a request as it came: JSON, XML, or the content of a Binary with what the headers say of it. */
export interface LargeBody {
  chunks: readonly Uint8Array[];
  isXml?: boolean;
  content?: ContentHeaders;
}

/** A request that the thread is sent, the next only after the answer. */
export interface Task {
  kind: 'task';
  /** The path below the base, in its parts: by it the thread finds what is to be done. */
  segments: string[];
  /** Without its body. */
  request: Request;
  body?: LargeBody;
  actor: Actor | undefined;
  client: string | undefined;
  /** Whether what is asked and answered is recorded. */
  isRecorded: boolean;
  now: number;
}

/** How something ended. An error that is no Refusal is a defect, told by its stack. */
export type Outcome<T> =
  | { value: T }
  | { refusal: Pick<Refusal, 'status' | 'headers'> & { issues: readonly Issue[] } }
  | { defect: string };

/** What is sent to the thread: a task, and what comes of its calls. */
export type ToThread =
  | Task
  /** The search parameters in force are others from here on. */
  | { kind: 'parameters'; parameters: StoredParameters }
  | { kind: 'result'; call: number; outcome: Outcome<unknown> }
  /** The work of this write is to be done, now or once more. */
  | { kind: 'begin'; call: number; now: number };

/** How the work of a write ended: well, by what a call of it has thrown, or by something else that it threw. */
export type WorkEnd = 'done' | 'failed' | { failedCall: number };

/** Whose function is called: the store's, that of what is stored alone, a transaction's, that of the tables of codes, or that of the record of accesses. */
export type Target = number | 'store' | 'stored' | 'codeTables' | 'trail';

/** What is sent back: calls of the store, in a transaction or outside, of the part that is seen or of the entire one, the end of a write's work, and the answer. */
export type FromThread =
  | { kind: 'call'; call: number; within: Target; isEntire: boolean; method: string; parameters: unknown[] }
  | { kind: 'write'; call: number }
  | { kind: 'worked'; call: number; end: WorkEnd }
  /** The body is read: from here on the route tells the record of accesses what it answers or refuses. */
  | { kind: 'routed' }
  | { kind: 'answer'; outcome: Outcome<Answer> };

/** Waits for a promise and gives how it ended. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    if (error instanceof Refusal) {
      const { status, issues, headers } = error;
      return { refusal: { status, issues: [...issues], headers } };
    }
    return { defect: error instanceof Error ? (error.stack ?? error.message) : 'not an Error' };
  }
}

/** The value that an outcome holds; throws what it was refused with. */
export function resultOf<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  if ('refusal' in outcome) {
    const { status, issues, headers } = outcome.refusal;
    throw new Refusal(status, [...issues], headers);
  }
  // The frames of the thread tell where, those of this one nothing.
  throw Object.assign(new Error('in a thread'), { stack: outcome.defect });
}
