import { type Element, isElement, isResource, type Resource } from '../resource.ts';

/** An entry of a bundle with what it is found by. */
export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Resource;
}

/** The entries of a bundle, found by reference (http://hl7.org/fhir/R4/bundle.html#references). */
export interface BundleEntries {
  /** The entries that a reference from a resource of the bundle leads to: none, one, or more by mistake. */
  resolve(reference: string, from: Resource): readonly BundleEntry[];
  /** The definition of a type that has this canonical URL, whatever its version. */
  defined(type: string, canonical: string): Resource | undefined;
}

const restful = /^((?:https?|urn):.*\/)?([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/;

/** Indexes the entries of a bundle, once. */
export function bundleEntries(bundle: Element): BundleEntries {
  const byUrl = new Map<string, BundleEntry[]>();
  const byTypeAndId = new Map<string, BundleEntry[]>();
  const byResource = new Map<Resource, BundleEntry>();
  const list = Array.isArray(bundle.entry) ? bundle.entry : [];
  for (const [index, entry] of list.entries()) {
    if (!isElement(entry) || !isResource(entry.resource)) continue;
    const { resource } = entry;
    const found = { index, fullUrl: typeof entry.fullUrl === 'string' ? entry.fullUrl : undefined, resource };
    byResource.set(resource, found);
    if (found.fullUrl !== undefined) append(byUrl, found.fullUrl, found);
    if (typeof resource.id === 'string')
      append(byTypeAndId, `${resource.resourceType}/${resource.id}`, found);
  }

  function resolve(reference: string, from: Resource): readonly BundleEntry[] {
    const [withoutFragment] = reference.split('#', 1) as [string];
    const [url, version] = withoutFragment.split('/_history/', 2) as [string, string | undefined];
    const found = locate(url, from);
    return version === undefined
      ? found
      : found.filter(({ resource }) => resource.meta?.versionId === version);
  }

  /** An absolute URL names a fullUrl; a relative one continues the base of the entry that it stands in. */
  function locate(url: string, from: Resource): readonly BundleEntry[] {
    const absolute = byUrl.get(url);
    if (absolute || /^[a-z][a-z0-9+.-]*:/i.test(url)) return absolute ?? [];
    const base = restful.exec(byResource.get(from)?.fullUrl ?? '')?.[1];
    return (base && byUrl.get(base + url)) || (byTypeAndId.get(url) ?? []);
  }

  function defined(type: string, canonical: string): Resource | undefined {
    const url = canonical.split('|', 1)[0];
    for (const { resource } of byResource.values())
      if (resource.resourceType === type && resource.url === url) return resource;
    return undefined;
  }

  return { resolve, defined };
}

function append(map: Map<string, BundleEntry[]>, key: string, entry: BundleEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
