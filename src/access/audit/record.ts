import type { Accessed } from '../../interactions/audited.ts';

/** One access as it is kept: a line of JSON with short names, from which its AuditEvents are made when they are read. */
export interface AuditRecord {
  /** When it was answered, in milliseconds since the epoch. */
  at: number;
  /** The request that it belongs to, as in its `X-Request-Id`: the entries of a bundle share it. */
  request: string;
  did: Accessed;
  method: string;
  /** HTTP status of the answer. */
  status: number;
  /** Address of the client. */
  from?: string;
  /** What it was about: `Type/id`, or the type alone. */
  on?: string;
  /** The address with its query, where that says more than `on`. */
  query?: string;
  /** Ids of the patients whom it concerns. */
  patients?: readonly string[];
  by?: Acting;
  /** Of the records that a pruning has deleted, what is needed to verify what comes after them. */
  pruned?: Pruned;
}

/** Who asked: what the token or key said, as far as it said something. */
export interface Acting {
  client?: string;
  person?: string;
  organization?: string;
  roles?: readonly string[];
  /** A code of v3-ActReason. */
  purpose?: string;
}

/** What was deleted, from the first record of the log on. */
export interface Pruned {
  /** The last record that was deleted, and its hash in base64. */
  last: number;
  hash: string;
}

/** The line of a record. It holds no line break. */
export function lineOf(record: AuditRecord): string {
  return JSON.stringify(record);
}

/** The record of a line. */
export function recordOf(line: string): AuditRecord {
  return JSON.parse(line) as AuditRecord;
}

/** All resources that a record names, each as `Type/id`: what the log is looked up by. */
export function referencesOf({ on, patients = [], by = {} }: AuditRecord): string[] {
  const named = [on, by.client, by.person, by.organization, ...patients.map((id) => `Patient/${id}`)];
  return named.filter((each) => each !== undefined && isReference(each)) as string[];
}

/** Whether a text is `Type/id`. */
export function isReference(text: string): boolean {
  return /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/.test(text);
}
