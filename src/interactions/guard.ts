import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Reader } from '../store/store.ts';
import type { Actor } from './actor.ts';

/** One resource that a request wants to create, change or delete; nothing of it is kept yet. */
export interface Change {
  type: string;
  id: string;
  /** As it would be kept, references already resolved to `Type/id`; null for a deletion. */
  resource: Resource | null;
  /** As it is now; null when it is new. */
  previous: Resource | null;
  /** Who may read what is there now (`StoredVersion.access`). */
  access?: string | undefined;
}

/**
 * A create that is not done because what its condition (`If-None-Exist`) asks for is on record already
 * (http://hl7.org/fhir/R4/http.html#ccreate).
 */
export interface Repeat {
  type: string;
  id: string;
  /** As it was sent, references to other resources of the request already resolved. */
  sent: Resource;
  /** As it is on record. */
  stored: Resource;
}

/** All changes of one request (one for a plain create, many for a transaction) and what the store holds. */
export interface Submission {
  changes: readonly Change[];
  repeats?: readonly Repeat[];
  /** What the submission is judged by (`judgedReader`): also what the actor may not see, and is not to be told of. */
  reader: Reader;
  /** What the actor may see, and findings may name. Absent: all that `reader` has. */
  shown?: Reader;
  /** The instant of the submission, in milliseconds since the epoch. */
  now: number;
  /** Who asks for the changes; undefined where nobody is known. */
  actor?: Actor | undefined;
}

/** An issue about one of the changes. Its `expression` starts with the resource type, e.g. `Task.status`. */
export interface Finding extends Issue {
  /** Index into `Submission.changes`, and behind their end into `Submission.repeats`. */
  change: number;
}

export interface Verdict {
  /** An error among them refuses the whole request, with 422 unless `status` says otherwise. */
  findings: readonly Finding[];
  status?: number;
  /** Resources to keep in the same transaction, each with its id, e.g. the warnings about a referral. */
  keep: readonly Resource[];
  /** Changes that the server completes: what is kept instead of what was sent. The guards after it see this. */
  completed?: readonly { change: number; resource: Resource }[];
  /** Resources to delete in the same transaction, e.g. the warnings that no longer hold. */
  withdraw?: readonly { type: string; id: string }[];
}

/** Judges a submission before it is kept. Runs inside the store's transaction and may run more than once. */
export type Guard = (submission: Submission) => Promise<Verdict>;
