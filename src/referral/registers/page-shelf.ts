import type { Resource } from '../../fhir/resource.ts';
import { chunksOf } from '../../store/chunks.ts';
import { takeSlices } from '../../store/slices.ts';
import type { Match, Reader } from '../../store/store.ts';
import { reportSlice } from './report-slice.ts';

/** So many ids are asked for in one search. */
const idsAtOnce = 200;

/** So many resources of the directory are remembered while a register is read. */
const mostRemembered = 5_000;

/** Types that rows of a register share: institutions and people. All others belong to one row, or to few. */
const directory: ReadonlySet<string> = new Set([
  'Organization',
  'HealthcareService',
  'PractitionerRole',
  'Practitioner',
]);

/** What the rows of one page name, by path; undefined: not there, or not to be seen. */
export type Named = (path: string | undefined) => Resource | undefined;

/** Reads what rows name, page by page: each page costs a few searches by id, whatever the number of its rows. */
export interface PageShelf {
  /** Fetches what these paths, as `Type/id`, name; after it `at` finds them until the next page. */
  fetch(paths: Iterable<string | undefined>): Promise<void>;
  at: Named;
  /** Forgets what belonged to the rows of this page. */
  turn(): void;
  /** The texts of patients' resources that were fetched since the last turn, for the record of who saw them. */
  texts(): string[];
}

export function openPageShelf(reader: () => Reader): PageShelf {
  const remembered = new Map<string, Resource | undefined>();
  let page = new Map<string, Resource | undefined>();
  let texts: string[] = [];
  const pause = takeSlices(reportSlice);

  const keep = (type: string, path: string, resource: Resource | undefined) => {
    if (!directory.has(type)) page.set(path, resource);
    else {
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(path, resource);
    }
  };

  return {
    fetch: async (paths) => {
      const wanted = new Map<string, Set<string>>();
      for (const path of paths) {
        if (path === undefined || page.has(path) || remembered.has(path)) continue;
        const [type, id] = path.split('/') as [string, string];
        const ids = wanted.get(type) ?? new Set();
        wanted.set(type, ids.add(id));
      }
      for (const [type, ids] of wanted) {
        for (const chunk of chunksOf([...ids], idsAtOnce)) {
          const found = await searchByIds(reader(), type, chunk);
          for (const { version } of found) {
            await pause();
            keep(type, `${type}/${version.id}`, JSON.parse(version.text) as Resource);
            if (!directory.has(type)) texts.push(version.text);
          }
          for (const id of chunk) {
            const path = `${type}/${id}`;
            if (!page.has(path) && !remembered.has(path)) keep(type, path, undefined);
          }
        }
      }
    },
    at: (path) => (path === undefined ? undefined : (page.get(path) ?? remembered.get(path))),
    turn: () => {
      page = new Map();
      texts = [];
    },
    texts: () => texts,
  };
}

function searchByIds(reader: Reader, type: string, ids: string[]): Promise<Match[]> {
  return reader.search({ type, filter: { kind: 'id', ids }, sort: [], limit: ids.length });
}
