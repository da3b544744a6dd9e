import { refusals, refuse } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { elementsOf } from '../fhir/search/elements.ts';
import { and, not } from '../fhir/search/query.ts';
import type { Transaction } from '../store/store.ts';
import { readCondition } from './condition.ts';
import type { EntryRequest } from './entry-request.ts';
import { atEntry } from './located.ts';
import { rewriteLinks } from './references.ts';
import type { Server } from './server.ts';
import type { EntryChange, Plan } from './transaction-plan.ts';
import { type WrittenResources, writtenResources } from './written-resources.ts';

/** A conditional reference: `Patient?identifier=system|value` (http://hl7.org/fhir/R4/http.html#trules). */
const conditional = /^([A-Z][A-Za-z]+)\?(.+)$/;

/** A reference that only means something within a bundle. */
const temporary = /^urn:uuid:/i;

const relative = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?=$|#)/;

/** A link to one version of a resource (http://hl7.org/fhir/R4/references.html#version). */
const versioned = /^(.+)\/_history\/[A-Za-z0-9\-.]{1,64}(#.*)?$/;

/** A fullUrl that is the address of a resource, and what stands before its type. */
const restful = /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/** The links between the entries of a transaction. */
export interface Links {
  /** The resource of an entry with its links to other entries, by their fullUrl, made links to what these stand for. */
  resolve(resource: Resource, entry: Pick<EntryRequest, 'fullUrl'>): Resource;
}

/** The links to the entries that write: each fullUrl stands for a resource of this server, `Type/id`. */
export function linksOf(server: Pick<Server, 'definitions'>, plans: readonly Plan[]): Links {
  const elements = elementsOf(server.definitions);
  const targets = new Map<string, string>();
  const versions = new Map<string, number>();
  for (const { entry, target, changes } of plans) {
    if (!entry.fullUrl || !target) continue;
    targets.set(entry.fullUrl, target);
    const [change] = changes;
    if (change?.resource) versions.set(target, (change.replaced?.version ?? 0) + 1);
  }

  /** A link may go on behind the fullUrl with a fragment. */
  function targetOf(link: string): string | undefined {
    const direct = targets.get(link);
    if (direct !== undefined) return direct;
    const [, url, fragment = ''] = versioned.exec(link) ?? [];
    if (url !== undefined) {
      // Whatever number it has elsewhere, here it is the version that this transaction makes.
      const named = targets.get(url);
      const version = named && versions.get(named);
      return named && `${named}${version === undefined ? '' : `/_history/${version}`}${fragment}`;
    }
    const hash = link.indexOf('#');
    const target = hash > 0 ? targets.get(link.slice(0, hash)) : undefined;
    return target && `${target}${link.slice(hash)}`;
  }

  return {
    resolve(resource, { fullUrl }) {
      if (targets.size === 0) return resource;
      // A relative reference goes on from where its own entry is (http://hl7.org/fhir/R4/bundle.html#references).
      const root = restful.exec(fullUrl ?? '')?.[1];
      return rewriteLinks(
        elements,
        resource,
        (link) => targetOf(link) ?? (root && relative.test(link) ? targetOf(root + link) : undefined),
      );
    },
  };
}

/**
 * Gives the changes of a transaction with their references resolved: those to the fullUrl of another entry, and
 * conditional ones, which must match exactly one resource of the store or of the transaction itself. Refuses a
 * `urn:uuid:` that no entry has: it would mean nothing once it is kept.
 */
export async function resolveReferences(
  server: Server,
  tx: Transaction,
  plans: readonly Plan[],
  links: Links,
): Promise<EntryChange[]> {
  const linked = plans.flatMap(({ entry, changes }) =>
    changes.map((change) => ({
      ...change,
      resource: change.resource && links.resolve(change.resource, entry),
    })),
  );

  const elements = elementsOf(server.definitions);
  const written = writtenResources(server, linked);
  const found = new Map<string, string>();
  for (const change of linked) {
    for (const reference of referencesIn(change)) {
      await atEntry(change.index, async () => {
        if (temporary.test(reference)) throw refuse(refusals.unknownFullUrl, [reference.slice(0, 100)]);
        if (conditional.test(reference) && !found.has(reference))
          found.set(reference, await findReferenced(server, tx, reference, written));
      });
    }
  }
  if (found.size === 0) return linked;
  return linked.map((change) => ({
    ...change,
    resource:
      change.resource &&
      rewriteLinks(elements, change.resource, (link, kind) =>
        kind === 'reference' ? found.get(link) : undefined,
      ),
  }));

  /** The references of a resource; those within a bundle that is kept as a resource are its own business. */
  function referencesIn({ resource }: EntryChange): Set<string> {
    const references = new Set<string>();
    if (!resource || resource.resourceType === 'Bundle') return references;
    rewriteLinks(elements, resource, (link, kind) => {
      if (kind === 'reference') references.add(link);
      return undefined;
    });
    return references;
  }
}

async function findReferenced(
  server: Server,
  tx: Transaction,
  reference: string,
  written: WrittenResources,
): Promise<string> {
  const [, type, criteria] = conditional.exec(reference) as unknown as [string, string, string];
  if (!server.definitions.resourceTypes.includes(type)) throw refuse(refusals.unknownType, [type]);
  const { filter, timeout } = readCondition(server, type, criteria);
  const changed = written.of(type).map(({ id }) => id);
  const others = changed.length > 0 ? and([filter, not({ kind: 'id', ids: changed })]) : filter;
  const stored = await tx.search({ type, filter: others, sort: [], limit: 2 }, { timeout });
  const ids = [
    ...stored.map(({ version }) => version.id),
    ...written.matching(type, filter).map(({ id }) => id),
  ];
  if (ids.length === 0) throw refuse(refusals.unresolvedReference, [reference]);
  if (ids.length > 1) throw refuse(refusals.multipleMatches, [reference]);
  return `${type}/${ids[0]}`;
}
