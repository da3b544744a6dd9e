import type { Server } from '../../interactions/server.ts';

export type Json = Record<string, unknown>;

/** Names of components: the result parameters of a search, those of a history, those of a read. */
export const subsetParameters = ['_summary', '_elements'];
export const resultParameters = ['_count', '_sort', '_include', '_revinclude', ...subsetParameters, '_total'];
export const historyParameters = ['_since', '_at', '_count', ...subsetParameters];

const texts: Record<string, string> = {
  _count: 'How many on a page',
  _sort: 'Names of search parameters, with - for descending',
  _include: '[type]:[search parameter]',
  _revinclude: '[type]:[search parameter]',
  _summary: 'true, text, data, count or false',
  _elements: 'Names of elements',
  _total: 'none, estimate or accurate',
  _since: 'An instant',
  _at: 'A date or time',
  _type: 'Types of resources',
};

/** What the descriptions of routes refer to, so that each is there once. */
export function components(server: Server): Json {
  const types = server.definitions.resourceTypes;
  return {
    parameters: {
      ...named(['id', 'versionId', 'compartmentType'], (name) => parameter('path', name)),
      ...named(Object.keys(texts), (name) => parameter('query', name, texts[name])),
      ...allSearchParameters(server),
    },
    requestBodies: {
      Search: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
      Patch: {
        required: true,
        content: {
          'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } },
          ...fhirJson(schema('Parameters')),
        },
      },
    },
    responses: {
      ...named([...types, 'Resource'], (type) => ({ description: type, content: fhirJson(schema(type)) })),
      Deleted: { description: 'Deleted' },
      Error: { description: 'Refused, and why', content: fhirJson(schema('OperationOutcome')) },
    },
    schemas: { ...named(types, resourceSchema), Resource: { type: 'object' } },
  };
}

/** The names, among the components, of the search parameters of a type, or of those that all types have. */
export function searchParametersOf({ parameters }: Server, type = 'Resource'): string[] {
  return [...parameters.of(type).values()].map(({ name, type: kind }) => `${name}.${kind}`);
}

/** Types share the parameters of the same name and kind. */
function allSearchParameters({ parameters, definitions }: Server): Json {
  const all = definitions.resourceTypes.flatMap((type) => [...parameters.of(type).values()]);
  return Object.fromEntries(
    all.map(({ name, type }) => [
      `${name}.${type}`,
      parameter('query', name, `${type} (http://hl7.org/fhir/R4/search.html#${type})`),
    ]),
  );
}

function parameter(place: 'path' | 'query', name: string, description?: string): Json {
  return {
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    ...(description && { description }),
    schema: { type: 'string' },
  };
}

function resourceSchema(type: string): Json {
  return {
    type: 'object',
    externalDocs: { url: `http://hl7.org/fhir/R4/${type.toLowerCase()}.html` },
    required: ['resourceType'],
    properties: { resourceType: { type: 'string', enum: [type] }, id: { type: 'string' } },
    additionalProperties: true,
  };
}

/** The content of a body that is FHIR JSON. */
export function fhirJson(of: Json): Json {
  return { 'application/fhir+json': { schema: of } };
}

export function schema(type: string): Json {
  return reference('schemas', type);
}

export function reference(
  kind: 'parameters' | 'requestBodies' | 'responses' | 'schemas',
  name: string,
): Json {
  return { $ref: `#/components/${kind}/${name}` };
}

function named(names: readonly string[], of: (name: string) => Json): Json {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}
