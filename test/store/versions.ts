import { type Entries, noEntries } from '../../src/fhir/search/entries.ts';
import type { IndexedVersion, StoredVersion, Transaction } from '../../src/store/store.ts';

/** A version to be put: of a patient, the first one, made at 1000, without entries, unless said otherwise. */
export function aVersion(
  of: Partial<Omit<IndexedVersion, 'entries'>> & { id: string },
  entries: Partial<Entries> = {},
): IndexedVersion {
  const { type = 'Patient', id, version = 1, updated = 1000, method = 'PUT' } = of;
  const text = of.text === undefined ? JSON.stringify({ resourceType: type, id, version }) : of.text;
  const { access } = of;
  const known = { type, id, version, updated, method, text, ...(access !== undefined && { access }) };
  return { ...known, entries: { ...noEntries, ...entries } };
}

/** The deletion that follows on versions. */
export function aDeletion(of: Partial<StoredVersion> & { id: string }): IndexedVersion {
  return aVersion({ ...of, method: 'DELETE', text: null });
}

/** Puts a version after the current one, whatever it is. */
export async function putAfterCurrent(transaction: Transaction, next: IndexedVersion): Promise<void> {
  await transaction.put(next, await transaction.read(next.type, next.id));
}

/** A version without its entries, as reads give it. */
export function asStored({ entries: _, ...version }: IndexedVersion): StoredVersion {
  return version;
}
