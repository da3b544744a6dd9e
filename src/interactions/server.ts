import type { Definitions } from '../fhir/definitions/definitions.ts';
import type { Element } from '../fhir/resource.ts';
import type { SearchParameters } from '../fhir/search/parameters.ts';
import type { Validator } from '../fhir/validation/validator.ts';
import type { CodeTables } from '../store/code-tables.ts';
import type { Reader, Store } from '../store/store.ts';
import type { Actor } from './actor.ts';
import type { AnswerShare } from './answer-room.ts';
import type { Trail } from './audited.ts';
import type { Filing } from './filing.ts';
import type { Guard } from './guard.ts';
import type { Cursor, Operation } from './operation.ts';
import type { InteractionCode } from './route.ts';
import type { Security } from './security.ts';

/** The parts that interactions work with; built once, in main.ts. */
export interface Server {
  /** What clients see: what is stored, and in front of it the definitions that came with the server. */
  store: Store;
  /** What is stored alone. */
  stored?: Reader;
  /** The codes of code systems that are too long for a resource; absent where there are none. */
  codeTables?: CodeTables;
  definitions: Definitions;
  parameters: SearchParameters;
  validator: Validator;
  guards: readonly Guard[];
  operations: readonly Operation[];
  /** What is done with a resource that is more than itself, when it is created; nothing unless set. */
  filings?: readonly Filing[];
  /** The URL under which clients reach the server, without a slash at the end. */
  base: string;
  cursor: Cursor;
  limits: Limits;
  /** How clients prove who they are; undefined while access control is off. */
  security?: Security;
  /** What the CapabilityStatement says of subscriptions: extensions of `rest` and of its resource. */
  subscriptions?: { rest: readonly Element[]; resource: readonly Element[] };
  /** For whom the present request is made: set for the time of one request, by whoever received it. */
  actor?: Actor;
  /** From which address the present request comes, where a trusted proxy says so from behind it; set likewise. */
  client?: string;
  /** What its answer takes of the room that there is for answers, set likewise. */
  share?: AnswerShare;
  /** Where the present request is recorded, when accesses are: set like the actor. */
  trail?: Trail;
  /**
   * The store as the present request may ask it, with time anew: for answers that are sent as they are read, of which each
   * page may take as long as one search. Set like the actor.
   */
  eachPage?(): Store;
  /** Types that clients cannot write, and that have no versions; none unless accesses are recorded. */
  readOnlyTypes?: ReadonlySet<string>;
  /** Refuses with 403 an interaction that the scopes of who asks permit on nothing of a type; set like the actor. */
  admits?(interaction: InteractionCode, type: string): void;
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

/** Bounds on what one request may ask; see `settings.ts`. */
export interface Limits {
  maxBundleEntries: number;
  maxPageSize: number;
  /** Largest answer to a bundle, in bytes. */
  maxAnswerBytes: number;
  maxDepth: number;
  searchTimeout: number;
  conditionalDeleteMultiple: boolean;
  referentialIntegrity: boolean;
}

/** What an interaction that only reads needs: it runs as well inside a transaction. */
export type ReadingServer = Omit<Server, 'store'> & { store: Reader & Pick<Store, 'types'> };
