import type { QueryParameter } from '../interactions/request.ts';

/** Reads what is below another address of this server as below its base URL. */
export interface OwnAddresses {
  /** The text of a JSON body. */
  inText(text: string): string;
  inQuery(query: readonly QueryParameter[]): readonly QueryParameter[];
}

/**
 * The server under several addresses, such as a public and an internal name: what clients write below any of them is
 * taken, and kept, as below the base URL, so that the same reference is one reference. Only addresses of resources are
 * meant (`[base]/[type]/…`, `[base]/[type]?…`); an identifier system that begins alike stays as it is.
 */
export function createOwnAddresses(base: string, others: readonly string[]): OwnAddresses {
  const different = others.filter((each) => each !== base);
  if (different.length === 0) return { inText: (text) => text, inQuery: (query) => query };
  const named = different.map((each) => RegExp.escape(each)).join('|');
  const inJson = new RegExp(`"(?:${named})/(?=[A-Z][A-Za-z]+[/?])`, 'g');
  const inValue = new RegExp(`(?:${named})/(?=[A-Z][A-Za-z]+[/?])`, 'g');
  const isNamed = (text: string) => different.some((each) => text.includes(each));
  return {
    inText: (text) => (isNamed(text) ? text.replace(inJson, `"${base}/`) : text),
    inQuery: (query) =>
      query.some(([, value]) => isNamed(value))
        ? query.map(([name, value]) => [name, value.replace(inValue, `${base}/`)] as const)
        : query,
  };
}
