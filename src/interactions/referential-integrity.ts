import { refusals, refuse } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { and, not, or, type Query } from '../fhir/search/query.ts';
import type { Reader } from '../store/store.ts';
import type { Change, Finding } from './guard.ts';
import type { Server } from './server.ts';

/** What is asked about references; `limits.referentialIntegrity` decides whether anything is. */
type Asked = Pick<Server, 'parameters' | 'base' | 'limits'> & { store: Pick<Server['store'], 'types'> };

/** They tell what was done to a resource, which stays true when it is gone: so they hold nothing. */
const records: ReadonlySet<string> = new Set(['AuditEvent', 'Provenance']);

/** So many of those that refer to what is to be deleted are looked for and named. */
const mostNamed = 20;

/** Deletions that are looked after in one question to the store. */
const batchSize = 50;

/** A resource that refers to a deleted one, and the search parameter by which it does. */
interface Referrer {
  path: string;
  parameter: string;
}

/**
 * Finds deletions of what others refer to: "Servers MAY … refuse to delete a resource because … other resources refer
 * to it" (http://hl7.org/fhir/R4/http.html#delete). What counts is the state after the whole submission: who refers to
 * it and is deleted with it, or no longer refers to it, does not hold it. References are found by the search parameters
 * of their types, so in no more than one question a type; those that `shown` does not show are not named. `withdrawn` is
 * deleted along with the submission.
 */
export async function findReferences(
  { parameters, base, limits, store }: Asked,
  reader: Reader,
  shown: Reader,
  changes: readonly Change[],
  withdrawn: readonly { type: string; id: string }[] = [],
): Promise<Finding[]> {
  if (!limits.referentialIntegrity) return [];
  const deleted = changes.filter(({ resource }) => resource === null);
  if (deleted.length === 0) return [];

  const touched = Map.groupBy([...changes, ...withdrawn], ({ type }) => type);
  const referrers = new Map<string, Referrer[]>();
  let room = mostNamed + 1;
  const note = (path: string, terms: readonly string[], targets: ReadonlySet<string>) => {
    for (const term of terms) {
      const [parameter, target] = partsOf(term);
      if (target === undefined || target === path || !targets.has(target)) continue;
      const found = referrers.get(target) ?? [];
      if (found.some((each) => each.path === path)) continue;
      referrers.set(target, [...found, { path, parameter }]);
      room--;
    }
  };

  const all = new Set(deleted.map(pathOf));
  for (const { type, id, resource } of changes) {
    if (!resource || records.has(type)) continue;
    note(`${type}/${id}`, referencesOf({ ...resource, id }), all);
  }
  const types = (await store.types()).filter((type) => !records.has(type));
  for (let start = 0; start < deleted.length && room > 0; start += batchSize) {
    const batch = deleted.slice(start, start + batchSize);
    const targets = new Set(batch.map(pathOf));
    for (const type of types) {
      if (room <= 0) break;
      const referring = or(batch.flatMap((target) => referringTo(type, target)));
      if (referring.kind === 'none') continue;
      const ids = (touched.get(type) ?? []).map(({ id }) => id);
      const filter = ids.length > 0 ? and([referring, not({ kind: 'id', ids })]) : referring;
      const found = await reader.search(
        { type, filter, sort: [], limit: room },
        { timeout: limits.searchTimeout },
      );
      for (const { version, terms } of found) note(`${type}/${version.id}`, terms, targets);
    }
  }
  const findings: Finding[] = [];
  for (const [index, change] of changes.entries()) {
    const found = change.resource === null ? referrers.get(pathOf(change)) : undefined;
    if (found) findings.push(findingOf(pathOf(change), await named(found), index));
  }
  return findings;

  async function named(found: readonly Referrer[]): Promise<Referrer[]> {
    if (!shown.entire) return [...found];
    const seen: Referrer[] = [];
    for (const referrer of found) {
      const [type, id] = referrer.path.split('/') as [string, string];
      const isSent = changes.some((change) => pathOf(change) === referrer.path);
      if (isSent || (await shown.read(type, id))?.text) seen.push(referrer);
    }
    return seen;
  }

  function referencesOf(resource: Resource): string[] {
    return extractEntries(parameters, resource, base).terms;
  }

  /** The parameters of a type that can lead to the target. */
  function referringTo(type: string, target: Change): Query[] {
    return [...parameters.of(type).values()]
      .filter((parameter) => parameter.type === 'reference' && parameter.targets.includes(target.type))
      .map(({ name }): Query => ({ kind: 'term', term: `${name}|>${pathOf(target)}` }));
  }
}

function pathOf({ type, id }: { type: string; id: string }): string {
  return `${type}/${id}`;
}

/** The parameter of a term and what it refers to; nothing for a term that is no reference of the resource itself. */
function partsOf(term: string): [string, string | undefined] {
  const end = term.indexOf('|>');
  const parameter = term.slice(0, Math.max(end, 0));
  return /^[A-Za-z0-9_-]+$/.test(parameter) ? [parameter, term.slice(end + 2)] : ['', undefined];
}

function findingOf(path: string, referrers: readonly Referrer[], change: number): Finding {
  const named = referrers.slice(0, mostNamed).map((referrer) => `${referrer.path} (${referrer.parameter})`);
  const isMore = referrers.length > mostNamed || referrers.length === 0;
  const list = [...named, ...(isMore ? ['…'] : [])].join(', ');
  const [issue] = refuse(refusals.referredTo, [path, list]).issues;
  return { ...issue!, change };
}
