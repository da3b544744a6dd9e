/** One thing that the issuer remembers: a code, a session, a used assertion, the account of a person. */
export interface Remembered {
  id: string;
  value: Record<string, unknown>;
  /** Another name that it is found by, e.g. the person of an account. */
  alias?: string | undefined;
  /** What it belongs to: it goes when that is revoked. */
  group?: string | undefined;
  /** In milliseconds since the epoch; undefined: it stays. */
  expires?: number | undefined;
}

/**
 * What the issuer must remember and clients never see: shared by all processes of a server, and there again after a start.
 * It is no part of the FHIR data: it has no history, and no search finds it.
 */
export interface State {
  find(kind: string, id: string): Promise<Remembered | undefined>;
  findByAlias(kind: string, alias: string): Promise<Remembered | undefined>;
  all(kind: string): Promise<Remembered[]>;
  /** Remembers it, in place of what had its id. */
  put(kind: string, remembered: Remembered): Promise<void>;
  /** Remembers it when nothing has its id; false when something has, however many ask at once. */
  claim(kind: string, remembered: Remembered): Promise<boolean>;
  /** Marks it as used up; false when it was before, or is not there, however many ask at once. */
  consume(kind: string, id: string): Promise<boolean>;
  remove(kind: string, id: string): Promise<void>;
  removeGroup(group: string): Promise<void>;
  close(): Promise<void>;
}
