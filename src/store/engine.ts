import type { CodeTables } from './code-tables.ts';
import type { Outbox } from './outbox.ts';
import type { Store } from './store.ts';

/** A store as an engine opens it, with what it keeps beside the FHIR data. */
export interface EngineStore extends Store {
  outbox: Outbox;
  codeTables: CodeTables;
}
