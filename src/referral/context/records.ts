import type { Resource } from '../../fhir/resource.ts';
import { and, not, type Query } from '../../fhir/search/query.ts';
import type { Submission } from '../../interactions/guard.ts';
import type { StoredVersion } from '../../store/store.ts';
import { pathOf, type Target } from '../reference.ts';

/** What is on record once a submission is kept: what it brings, and behind it what the store holds. */
export interface Records {
  /** The resource, or undefined when there is none, or none any more. */
  find(target: Target): Promise<Resource | undefined>;
  /** Those of the resources that there are, in one question to the store. */
  findAll(type: string, ids: readonly string[]): Promise<Resource[]>;
  /** What the submission brings of a type. */
  submitted(type: string): readonly Resource[];
  /** What the store holds of a type, the latest first, without what the submission changes; no more than `limit`. */
  stored(type: string, filter: Query, limit: number): Promise<Resource[]>;
  /** Whether the submission writes or deletes the resource. */
  isSubmitted(target: Target): boolean;
  /** Whether the submission creates the resource, so that nothing stored can be about it. */
  isNew(target: Target): boolean;
}

/** Opens the records as they will be after a submission. What is read is remembered, so nothing is asked twice. */
export function openRecords({ changes, reader }: Submission): Records {
  const known = new Map<string, Resource | undefined>();
  const submitted = new Set(changes.map(pathOf));
  const created = new Set<string>();
  const brought = Map.groupBy(changes, ({ type }) => type);
  for (const change of changes) {
    known.set(pathOf(change), change.resource ?? undefined);
    if (change.resource && !change.previous) created.add(pathOf(change));
  }

  const remember = (version: StoredVersion | undefined) => {
    const resource = version?.text ? (JSON.parse(version.text) as Resource) : undefined;
    if (version) known.set(pathOf(version), resource);
    return resource;
  };

  const findAll: Records['findAll'] = async (type, ids) => {
    const targets = [...new Set(ids)].map((id) => ({ type, id }));
    const unknown = targets.filter((target) => !known.has(pathOf(target)));
    for (const target of unknown) known.set(pathOf(target), undefined);
    if (unknown.length === 1) remember(await reader.read(type, unknown[0]!.id));
    else if (unknown.length > 1) {
      const filter: Query = { kind: 'id', ids: unknown.map(({ id }) => id) };
      const matches = await reader.search({ type, filter, sort: [], limit: unknown.length });
      for (const { version } of matches) remember(version);
    }
    return targets.flatMap((target) => known.get(pathOf(target)) ?? []);
  };

  return {
    findAll,
    find: async ({ type, id }) => (await findAll(type, [id]))[0],
    submitted: (type) => (brought.get(type) ?? []).flatMap(({ resource }) => resource ?? []),
    stored: async (type, filter, limit) => {
      const changed = (brought.get(type) ?? []).filter(({ previous }) => previous).map(({ id }) => id);
      const others = changed.length > 0 ? and([filter, not({ kind: 'id', ids: changed })]) : filter;
      const matches = await reader.search({ type, filter: others, sort: [], limit });
      return matches.flatMap(({ version }) => {
        const path = pathOf(version);
        return (known.has(path) ? known.get(path) : remember(version)) ?? [];
      });
    },
    isSubmitted: (target) => submitted.has(pathOf(target)),
    isNew: (target) => created.has(pathOf(target)),
  };
}
