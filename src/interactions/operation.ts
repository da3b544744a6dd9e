import type { Resource } from '../fhir/resource.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Server } from './server.ts';

/** What an operation is asked (http://hl7.org/fhir/R4/operations.html). */
export interface OperationRequest {
  store: Store;
  /** The type and id that the operation was called on, where it was. */
  type?: string;
  id?: string;
  /** The version that it was called on, where it was called on one. */
  versionId?: string;
  /** Simple parameters by name, from the query string or from the Parameters body, in order. */
  parameters: ReadonlyMap<string, readonly string[]>;
  /** Of `Operation.formats` the one that the client wants; undefined: FHIR JSON. */
  format?: string;
  /** The body: a Parameters resource, or the resource itself when the operation takes one. */
  body?: Resource;
  /** The versions that the client takes for the current one, as in an update. */
  ifMatch?: string;
  /** The server's base URL, without a slash at the end. */
  base: string;
  /** Signs a position in an order so that a link can carry it, and reads it back (null: not one of ours). */
  cursor: Cursor;
}

/** Opaque signed positions for `next` links. */
export interface Cursor {
  seal(position: unknown): string;
  open(token: string): unknown;
}

/** A resource, or what any interaction answers: a body that is JSON already, or a version that was made. */
export type OperationAnswer = { status: number; resource: Resource } | Answer;

export interface Operation {
  /** With the dollar sign: `$referral-history`. */
  name: string;
  /** The canonical URL of its OperationDefinition. */
  definition: string;
  /** Where it can be called. */
  on: {
    system?: boolean;
    type?: boolean;
    instance?: boolean;
    /** Also on one version of a resource: `Patient/1/_history/2/$meta`. */
    version?: boolean;
    types?: readonly string[];
  };
  /** Whether it changes anything; such an operation is not called by GET. */
  affectsState: boolean;
  /** The canonical URLs of the MessageDefinitions of the messages that it takes, where it takes messages. */
  messages?: readonly string[];
  /** Media types that it answers in beside FHIR JSON. */
  formats?: readonly string[];
  run(request: OperationRequest, server: Server): Promise<OperationAnswer>;
}
