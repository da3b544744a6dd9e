import type { Resource } from '../../fhir/resource.ts';
import { readCondition } from '../../interactions/condition.ts';
import type { Server } from '../../interactions/server.ts';
import type { EntryNotes, WrittenEntries } from '../../interactions/write-entries.ts';
import { writeEntries } from '../../interactions/write-entries.ts';
import type { WritingEntry } from '../../interactions/writing-entry.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { createReferences, type Target } from '../reference.ts';
import { numberCondition } from './numbers.ts';
import type { Sent } from './sent.ts';

/** What is written together with the resources of a submission. */
export interface Beside extends EntryNotes {
  /** Entries that change what is there: the Task of a step, for instance. */
  changing?: readonly WritingEntry[];
}

/** Resources that were filed. */
export interface Filed extends WrittenEntries {
  /** What each resource is on record as, by its index. */
  targets: ReadonlyMap<number, Target>;
}

/**
 * Files the resources of a submission as a transaction does whose entries create each of them unless its number is on
 * record: one is made, or found, for each, they are judged together, and all are kept or none. Every way in that is no
 * transaction of the sender's own ends here: messages, `$submit`, documents.
 */
export async function fileResources(
  server: Server,
  tx: Transaction,
  sent: readonly Sent[],
  { changing = [], ...noted }: Beside,
): Promise<Filed> {
  const creating: WritingEntry[] = [];
  for (const each of sent) creating.push(await creatingEntry(server, tx, each));
  const written = await writeEntries(server, tx, [...creating, ...changing], noted);
  const targets = new Map<number, Target>();
  for (const { entry, target } of written.plans) {
    const [type, id] = (target ?? '').split('/');
    if (type && id) targets.set(entry.index, { type, id });
  }
  return { ...written, targets };
}

/** The conditions by which the resources are looked for, to be claimed before anything is read. */
export function numberConditions(server: Server, sent: readonly Sent[]): Pick<WritingEntry, 'condition'>[] {
  return sent.flatMap(({ resource }) => {
    const condition = numberCondition(server, resource);
    return condition ? [{ condition }] : [];
  });
}

/** The entry of a transaction that creates a resource, unless it is there. */
async function creatingEntry(server: Server, reader: Reader, sent: Sent): Promise<WritingEntry> {
  const { index, fullUrl, resource } = sent;
  const type = resource.resourceType;
  const own = await recordOf(server, reader, sent);
  const condition = own ? readCondition(server, type, [['_id', own.id]]) : numberCondition(server, resource);
  return {
    method: 'POST',
    isHead: false,
    address: { segments: [type], query: [] },
    fullUrl,
    rest: { body: resource, prefer: {} },
    index,
    type,
    ...(condition && { condition }),
  };
}

/** What a resource is on this server, where its address says that it is of it. */
export async function recordOf(
  { base }: Pick<Server, 'base'>,
  reader: Reader,
  { fullUrl, resource }: Pick<Sent, 'fullUrl'> & { resource: Resource },
): Promise<Target | undefined> {
  const target = createReferences(base).target({ at: { reference: fullUrl } }, 'at', resource.resourceType);
  const version = target && (await reader.read(target.type, target.id));
  return version?.text ? target : undefined;
}
