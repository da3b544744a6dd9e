import type { Issue } from '../fhir/outcome.ts';
import { isElement, type Resource } from '../fhir/resource.ts';
import { withUrls } from './missing-urls.ts';

const relative = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/** A bundle whose relative fullUrls were read, with what is to be said of them, by the index of the entry. */
export interface WithFullUrls {
  bundle: Resource;
  entries: readonly unknown[];
  noted: ReadonlyMap<number, Issue>;
}

/**
 * Reads a relative fullUrl that is the same as the entry's `request.url` as below the base: HAPI's BundleBuilder writes
 * `Patient/1` in both. R4 wants it absolute (http://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl), so it
 * is said; here nothing else can be meant. Others stay as they are, and validation refuses them. Addresses that are
 * missing are completed before (`missing-urls.ts`).
 */
export function withFullUrls(base: string, sent: Resource, sentEntries: readonly unknown[]): WithFullUrls {
  const { entries, noted: completed } = withUrls(sentEntries);
  const bundle = completed.size === 0 ? sent : { ...sent, entry: entries };
  const noted = new Map<number, Issue>();
  const read = entries.map((entry, index) => {
    if (!isElement(entry) || !isElement(entry.request)) return entry;
    const { fullUrl, request } = entry;
    if (typeof fullUrl !== 'string' || fullUrl !== request.url || !relative.test(fullUrl)) return entry;
    noted.set(index, readAsAbsolute(`${base}/${fullUrl}`));
    return { ...entry, fullUrl: `${base}/${fullUrl}` };
  });
  const all = new Map([...noted, ...completed]);
  return noted.size === 0
    ? { bundle, entries, noted: all }
    : { bundle: { ...bundle, entry: read }, entries: read, noted: all };
}

function readAsAbsolute(url: string): Issue {
  return {
    severity: 'warning',
    code: 'value',
    text: {
      zh: `fullUrl 须为绝对 URI;已按 ${url} 理解`,
      en: `The fullUrl must be absolute; it was read as ${url}`,
    },
    expression: ['Bundle.entry.fullUrl'],
  };
}
