/** What a client asks for, whether it came as an HTTP request or as an entry of a bundle. */
export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The address below the base as the client sent it, where it came by HTTP. */
  url?: string;
  /** The parts of the path below the base, by what they are. */
  type?: string;
  id?: string;
  versionId?: string;
  /** With the dollar sign. */
  operation?: string;
  /** The second type of a compartment search (`Patient/1/Observation`), or `*`. */
  compartmentType?: string;
  /** The media type to answer in, where it is none of FHIR's; of those that the operation offers. */
  format?: string;
  /** Query parameters in their order, decoded; those of a `_search` body included. */
  query: readonly QueryParameter[];
  /** Parsed JSON. */
  body?: unknown;
  /** What the body of a PATCH is. */
  patch?: 'json' | 'fhirpath';
  ifMatch?: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  ifNoneExist?: string;
  prefer: Preferences;
}

export type QueryParameter = readonly [name: string, value: string];

/** The `Prefer` header (http://hl7.org/fhir/R4/http.html#ops, http://hl7.org/fhir/R4/search.html#errors). */
export interface Preferences {
  return?: 'minimal' | 'representation' | 'OperationOutcome';
  handling?: 'strict' | 'lenient';
  respondAsync?: boolean;
}

/** Splits a query string into decoded parameters; `+` is a space. Throws a URIError when it is not well encoded. */
export function parseQuery(query: string): QueryParameter[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      return [decode(name), equals < 0 ? '' : decode(part.slice(equals + 1))];
    });
}

const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));

/** The opposite of `parseQuery`. */
export function formatQuery(query: readonly QueryParameter[]): string {
  return query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
