import { minimalResources } from '../../fhir/definitions/minimal-resources.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Operation } from '../../interactions/operation.ts';
import type { Server } from '../../interactions/server.ts';
import type { Json } from './json.ts';
import { securitySchemes } from './security.ts';

export type { Json } from './json.ts';

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

const several = { type: 'array', items: { type: 'string' } };

/** What the values of parameters are that are not plain texts. */
const schemas: Record<string, Json> = {
  _count: { type: 'integer', minimum: 0 },
  _summary: { type: 'string', enum: ['true', 'text', 'data', 'count', 'false'] },
  _total: { type: 'string', enum: ['none', 'estimate', 'accurate'] },
  _include: several,
  _revinclude: several,
};

/** The headers that make a request conditional, or say what is wanted (http://hl7.org/fhir/R4/http.html). */
const headers: Record<string, Json> = Object.fromEntries(
  Object.entries({
    'If-Match': 'The version that the client takes for the current one: W/"1"',
    'If-None-Match': 'The version that the client has: W/"1"',
    'If-None-Exist': 'Search criteria: the resource is only created when nothing matches',
    Prefer:
      'return=minimal, return=representation or return=OperationOutcome; handling=strict or handling=lenient; respond-async',
    'X-Acting-Organization':
      'For which organization the client acts, of those that it may act for: Organization/[id]',
    'X-Acting-Roles': 'In which of its roles the client acts',
  }).map(([name, description]) => [name, { name, in: 'header', description, schema: { type: 'string' } }]),
);

/** Headers of an answer that is, or made, a version of a resource. */
const versionHeaders = {
  ETag: { description: 'The version: W/"1"', schema: { type: 'string' } },
  'Last-Modified': { schema: { type: 'string' } },
};
const locationHeaders = {
  ...versionHeaders,
  Location: { description: '[base]/[type]/[id]/_history/[version]', schema: { type: 'string' } },
};

/** What the descriptions of routes refer to, so that each is there once. */
export function components(server: Server): Json {
  const types = server.definitions.resourceTypes;
  const minimal = minimalResources(server.definitions);
  return {
    ...(server.security && { securitySchemes: securitySchemes(server.security) }),
    parameters: {
      ...named(['id', 'versionId', 'compartmentType'], (name) => parameter('path', name)),
      ...named(Object.keys(texts), (name) => parameter('query', name, texts[name], schemas[name])),
      ...headers,
      criteria: {
        name: 'criteria',
        in: 'query',
        required: true,
        description: 'Search parameters of the type, each by its name: they say which resource is meant',
        style: 'form',
        explode: true,
        schema: { type: 'object', additionalProperties: several },
      },
      ...allSearchParameters(server),
      ...Object.assign({}, ...server.operations.map((operation) => operationParameters(server, operation))),
    },
    requestBodies: {
      Search: {
        description: 'The parameters of the search, each as often as needed',
        content: {
          'application/x-www-form-urlencoded': {
            schema: { type: 'object', additionalProperties: several },
          },
        },
      },
      Patch: {
        required: true,
        content: {
          'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } },
          ...inFhir(schema('Parameters')),
        },
      },
    },
    responses: {
      ...named([...types, 'Resource'], (type) => ({
        description: type,
        headers: versionHeaders,
        content: inFhir(schema(type)),
      })),
      ...Object.fromEntries(
        types.map((type) => [
          `${type}.created`,
          { description: `${type}, created`, headers: locationHeaders, content: inFhir(schema(type)) },
        ]),
      ),
      Unchanged: { description: 'The client has this version already' },
      Deleted: { description: 'Deleted' },
      DeletedWithRemarks: {
        description: 'Deleted, and what is to be said of it',
        content: inFhir(schema('OperationOutcome')),
      },
      Error: { description: 'Refused, and why', content: inFhir(schema('OperationOutcome')) },
    },
    schemas: {
      ...Object.fromEntries(types.map((type) => [schemaName(type), resourceSchema(type, minimal(type))])),
      Resource: {
        type: 'object',
        required: ['resourceType'],
        properties: { resourceType: { type: 'string' }, id: { type: 'string' } },
        additionalProperties: true,
      },
    },
  };
}

/** The simple parameters that an operation takes in its address, as its OperationDefinition states them. */
export function operationParameters({ definitions }: Server, { definition }: Operation): Json {
  const stated = definitions.find('OperationDefinition', definition)?.parameter;
  if (!Array.isArray(stated)) return {};
  const simple = stated
    .filter(({ use, type }) => use === 'in' && type in simpleTypes)
    .map(({ name, type, max, documentation }) => {
      const one = simpleTypes[type]!;
      const of = max === '1' ? one : { type: 'array', items: one };
      return [
        `${definition.split('/').at(-1)}.${name}`,
        parameter('query', name, documentation, of),
      ] as const;
    });
  return Object.fromEntries(simple);
}

const simpleTypes: Record<string, Json> = {
  ...Object.fromEntries(
    ['string', 'code', 'uri', 'canonical', 'date', 'dateTime', 'instant', 'id'].map((type) => [
      type,
      { type: 'string' },
    ]),
  ),
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
};

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
      // Given several times, all must hold.
      parameter('query', name, `${type} (http://hl7.org/fhir/R4/search.html#${type})`, several),
    ]),
  );
}

export function parameter(
  place: 'path' | 'query',
  name: string,
  description?: string,
  of: Json = { type: 'string' },
): Json {
  return {
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    ...(description && { description }),
    schema: of,
    ...(of.type === 'array' && { style: 'form', explode: true }),
  };
}

function resourceSchema(type: string, example: Resource): Json {
  return {
    type: 'object',
    externalDocs: { url: `http://hl7.org/fhir/R4/${type.toLowerCase()}.html` },
    required: ['resourceType'],
    properties: { resourceType: { type: 'string', enum: [type] }, id: { type: 'string' } },
    additionalProperties: true,
    example,
  };
}

/** `List` is a word of its own in the languages that clients are generated in. */
function schemaName(type: string): string {
  return type === 'List' ? 'ListResource' : type;
}

/** The content of a body that is a resource, in FHIR's JSON or XML. */
export function inFhir(of: Json): Json {
  return { 'application/fhir+json': { schema: of }, 'application/fhir+xml': { schema: of } };
}

export function schema(type: string): Json {
  return reference('schemas', schemaName(type));
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
