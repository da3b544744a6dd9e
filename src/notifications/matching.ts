import { matches, type Searchable } from '../fhir/search/matcher.ts';
import type { Query } from '../fhir/search/query.ts';

/** The watchers with one and the same query, which is evaluated once for all of them. */
interface Group {
  query: Query;
  watchers: Set<string>;
  /** Terms of which a resource that matches has one at least; undefined: it may have none. */
  anchors: readonly string[] | undefined;
}

/** What a resource is found by beside its terms. */
const idTerm = (id: string) => `\n${id}`;

/**
 * The queries on one type of very many watchers, indexed so that a resource is compared with few of them: a query that
 * needs a certain term, such as `owner=Organization/x`, is looked at only for resources that have it. A thousand
 * subscriptions of a thousand organizations cost a resource what one does.
 */
export class Matching {
  readonly #groups = new Map<string, Group>();
  readonly #byTerm = new Map<string, Set<Group>>();
  readonly #others = new Set<Group>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  add(watcher: string, query: Query): void {
    const key = JSON.stringify(query);
    let group = this.#groups.get(key);
    if (!group) {
      group = { query, watchers: new Set(), anchors: anchorsOf(query) };
      this.#groups.set(key, group);
      if (!group.anchors) this.#others.add(group);
      for (const term of group.anchors ?? []) {
        const there = this.#byTerm.get(term);
        if (there) there.add(group);
        else this.#byTerm.set(term, new Set([group]));
      }
    }
    group.watchers.add(watcher);
  }

  remove(watcher: string, query: Query): void {
    const key = JSON.stringify(query);
    const group = this.#groups.get(key);
    if (!group?.watchers.delete(watcher) || group.watchers.size > 0) return;
    this.#groups.delete(key);
    this.#others.delete(group);
    for (const term of group.anchors ?? []) {
      const there = this.#byTerm.get(term);
      there?.delete(group);
      if (there?.size === 0) this.#byTerm.delete(term);
    }
  }

  /**
   * The watchers whose query the resource matches, and those of queries that look into other resources, which only the
   * store can tell.
   */
  find(resource: Searchable): { matching: string[]; open: { query: Query; watchers: string[] }[] } {
    const candidates = new Set(this.#others);
    for (const term of [...resource.entries.terms, idTerm(resource.id)])
      for (const group of this.#byTerm.get(term) ?? []) candidates.add(group);
    const matching: string[] = [];
    const open: { query: Query; watchers: string[] }[] = [];
    for (const { query, watchers } of candidates) {
      if (looksElsewhere(query)) open.push({ query, watchers: [...watchers] });
      else if (matches(query, resource)) matching.push(...watchers);
    }
    return { matching, open };
  }
}

/** Terms of which whatever matches has one at least: the fewest that there are. */
function anchorsOf(query: Query): readonly string[] | undefined {
  switch (query.kind) {
    case 'none':
      return [];
    case 'term':
      return [query.term];
    case 'id':
      return query.ids.map(idTerm);
    case 'and': {
      const found = query.of.flatMap((part) => {
        const anchors = anchorsOf(part);
        return anchors ? [anchors] : [];
      });
      // Of as few, a link to one resource is rarer than a code.
      return found.sort((a, b) => a.length - b.length || linksIn(b) - linksIn(a))[0];
    }
    case 'or': {
      const found = query.of.map(anchorsOf);
      return found.every((each) => each !== undefined) ? [...new Set(found.flat())] : undefined;
    }
    default:
      return undefined;
  }
}

function linksIn(terms: readonly string[]): number {
  return terms.filter((term) => term.includes('|>')).length;
}

/** Whether a query looks into other resources than the one that it is about. */
export function looksElsewhere(query: Query): boolean {
  switch (query.kind) {
    case 'chain':
    case 'has':
      return true;
    case 'and':
    case 'or':
      return query.of.some(looksElsewhere);
    case 'not':
      return looksElsewhere(query.of);
    default:
      return false;
  }
}
