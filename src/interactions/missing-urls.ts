import type { Issue } from '../fhir/outcome.ts';
import { type Element, isElement, isResource } from '../fhir/resource.ts';

/** Entries whose addresses were completed, with what is to be said of them, by their index. */
export interface WithUrls {
  entries: readonly unknown[];
  noted: ReadonlyMap<number, Issue>;
}

const versioned = /^(.*[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})\/_history\/(\d+)$/;

/**
 * Completes the addresses of entries that write, as HAPI's `transaction().withResources()` sends them: a POST without
 * `request.url` creates a resource of its type, a PUT without it is an update under its id, and one at the address of a
 * version is an update of just that version. R4 wants the address in each entry, so it is said; where the method or the
 * resource is missing, too, nobody can know what is meant, and the entry is refused.
 */
export function withUrls(entries: readonly unknown[]): WithUrls {
  const noted = new Map<number, Issue>();
  const read = entries.map((entry, index) => {
    if (!isElement(entry) || !isElement(entry.request)) return entry;
    const request = completed(entry.request, entry.resource);
    if (!request) return entry;
    noted.set(index, readAs(request));
    return { ...entry, request };
  });
  return noted.size === 0 ? { entries, noted } : { entries: read, noted };
}

/** The request with its address; undefined where there is nothing to complete, or no way to. */
function completed(request: Element, resource: unknown): Element | undefined {
  const { method, url } = request;
  if (method === 'PUT' && typeof url === 'string') {
    const [, address, version] = versioned.exec(url) ?? [];
    return address === undefined ? undefined : { ifMatch: `W/"${version}"`, ...request, url: address };
  }
  if (url !== undefined || !isResource(resource)) return undefined;
  const { resourceType, id } = resource;
  if (method === 'POST') return { ...request, url: resourceType };
  return method === 'PUT' && typeof id === 'string'
    ? { ...request, url: `${resourceType}/${id}` }
    : undefined;
}

function readAs({ method, url }: Element): Issue {
  return {
    severity: 'warning',
    code: 'required',
    text: {
      zh: `request.url 须为条目的地址;已按 ${method} ${url} 理解`,
      en: `The request.url must be the address of the entry; it was read as ${method} ${url}`,
    },
    expression: ['Bundle.entry.request.url'],
  };
}
