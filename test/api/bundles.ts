import type { TestServer } from '../environment/server.ts';

/** The system of the numbers that the patients of these tests have. */
export const system = 'urn:oid:1.2.3.4';

/** Two fullUrls. */
export const mother = 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0001';
export const child = 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0002';

export type Json = Record<string, unknown>;

export const patient = (number?: string, more: Json = {}): Json => ({
  resourceType: 'Patient',
  ...(number !== undefined && { identifier: [{ system, value: number }] }),
  gender: 'female',
  ...more,
});

export const relatedTo = (reference: string, more: Json = {}): Json => ({
  resourceType: 'RelatedPerson',
  patient: { reference },
  ...more,
});

/** An entry of a bundle; `more` are its fullUrl and further members of its request. */
export const entry = (method: string, url: string, resource?: Json, more: Json = {}): Json => {
  const { fullUrl, ...request } = more;
  return {
    ...(fullUrl !== undefined && { fullUrl }),
    ...(resource && { resource }),
    request: { method, url, ...request },
  };
};

export const transaction = (...entries: unknown[]): Json => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: entries,
});
export const batch = (...entries: unknown[]): Json => ({ ...transaction(...entries), type: 'batch' });

/** A FHIRPath Patch that replaces the value of an element. */
export const replacing = (path: string, value: Json): Json => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', ...value },
      ],
    },
  ],
});

/** A JSON Patch, as it travels in a bundle. */
export const jsonPatch = (...operations: Json[]): Json => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

/** What an entry of a response says. */
export interface ResponseEntry {
  fullUrl?: string;
  resource?: Json;
  response: { status: string; location?: string; etag?: string; lastModified?: string; outcome?: Json };
}

/** The status codes of a response, in the order of its entries. */
export const statuses = ({ entry }: { entry: ResponseEntry[] }): string[] =>
  entry.map(({ response }) => response.status.slice(0, 3));

/** `Type/id` of what an entry of a response is about. */
export const placeOf = ({ entry }: { entry: ResponseEntry[] }, index: number): string =>
  /([A-Z][A-Za-z]+\/[^/]+)\/_history/.exec(entry[index]!.response.location!)![1]!;

/** What the tests of bundles ask a server. */
export function asking(server: TestServer) {
  const count = async (path: string): Promise<number> =>
    (await server.get(`${path}${path.includes('?') ? '&' : '?'}_summary=count`).expect(200)).body.total;
  return {
    post: (bundle: Json) => server.post('/', bundle),
    count,
    /** How many patients have a number. */
    numbered: (number: string) => count(`/Patient?identifier=${encodeURIComponent(`${system}|${number}`)}`),
    /** Creates a patient, and gives `Patient/id`. */
    stored: async (number?: string): Promise<string> =>
      `Patient/${(await server.post('/Patient', patient(number)).expect(201)).body.id}`,
  };
}
