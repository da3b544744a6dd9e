import type { Encoding } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { and, or, prefixQuery, type Query } from '../query.ts';
import { exactly, fold, sortKey } from '../text.ts';
import { invalid, literal } from '../values.ts';

/**
 * The terms of a value as a URI (http://hl7.org/fhir/R4/search.html#uri): `|#uri`; a canonical that names a version
 * is found with it and without.
 */
export function encodeUri({ value, type }: TypedValue, into: Encoding): void {
  if (typeof value !== 'string' || value === '') return;
  into.terms.push(`|#${exactly(value)}`);
  const bar = type === 'canonical' ? value.indexOf('|') : -1;
  if (bar > 0) into.terms.push(`|#${value.slice(0, bar)}`);
  into.sort.push({ low: sortKey(value), high: sortKey(value) });
}

/**
 * The query of one value: "matches are precise (e.g. case, accent, and escape) sensitive, and the entire URI must
 * match". Where the resources themselves have a version, `url|version` asks for both: "servers SHOULD support
 * automatically detecting a |[version] portion as part of the search parameter".
 */
export function uriQuery(name: string, value: string, isCanonicalUrl: boolean): Query {
  const uri = literal(value);
  const bar = isCanonicalUrl ? uri.lastIndexOf('|') : -1;
  if (bar < 0) return { kind: 'term', term: `${name}|#${exactly(uri)}` };
  return and([
    { kind: 'term', term: `${name}|#${uri.slice(0, bar)}` },
    { kind: 'term', term: `version|=${fold(uri.slice(bar + 1))}` },
  ]);
}

/** The query of one value with `:below`: "any value sets that have a URL that starts with" the value. */
export function uriBelowQuery(name: string, value: string): Query {
  const prefix = `${name}|#${onlyUrl(name, literal(value))}`;
  return prefixQuery(prefix);
}

/** The query of one value with `:above`: the value, and the URLs that it is under, path segment by segment. */
export function uriAboveQuery(name: string, value: string): Query {
  const url = onlyUrl(name, literal(value));
  const starts = [url];
  const root = url.indexOf('://') + 3;
  for (let slash = url.lastIndexOf('/'); slash >= root; slash = url.lastIndexOf('/', slash - 1))
    starts.push(url.slice(0, slash + 1), url.slice(0, slash));
  return or([...new Set(starts)].map((start) => ({ kind: 'term', term: `${name}|#${start}` })));
}

function onlyUrl(name: string, uri: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(uri))
    throw invalid(name, {
      zh: `「${uri}」::above 和 :below 只用于 URL,不用于 OID 等 URN`,
      en: `"${uri}": :above and :below "only apply to URLs, and not URNS such as OIDs"`,
    });
  return uri;
}
