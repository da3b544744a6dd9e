import type { Operation } from '../../interactions/operation.ts';
import type { InteractionCode, Route } from '../../interactions/route.ts';
import type { Server } from '../../interactions/server.ts';
import { addressesOf } from './addresses.ts';
import {
  components,
  historyParameters,
  inFhir,
  type Json,
  operationParameters,
  reference,
  resultParameters,
  schema,
  searchParametersOf,
  subsetParameters,
} from './components.ts';
import { intakePaths, intakeTag } from './intake.ts';
import { securityRequirements } from './security.ts';

/**
 * The OpenAPI 3 description (https://spec.openapis.org/oas/v3.0.3) of what is really wired: every route for every type
 * of resource, with the search parameters and operations that it has. Made anew only when the parameters change.
 */
export function createOpenApi(server: Server, routes: readonly Route[], version: string): () => string {
  let text: string | undefined;
  let madeFor: Server['parameters'] | undefined;
  return () => {
    if (!text || madeFor !== server.parameters) {
      madeFor = server.parameters;
      text = JSON.stringify(describe(server, routes, version));
    }
    return text;
  };
}

function describe(server: Server, routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    for (const { path, type, operation } of addressesOf(server, route)) {
      paths[path] ??= pathItem(path);
      // A route that stands twice at one address, such as that of transactions and batches, is described once.
      paths[path][route.method.toLowerCase()] ??= {
        operationId: operationIdOf(route.method, path),
        ...describeRoute(server, route, type, operation),
      };
    }
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Zhuanzhen 转诊',
      version,
      description:
        'FHIR R4 RESTful API (http://hl7.org/fhir/R4/http.html). `GET /metadata` is the CapabilityStatement.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: securityRequirements(server.security),
    // Relative, so that a page that shows this asks the server that it came from.
    servers: [{ url: new URL(server.base).pathname }],
    tags: [
      {
        name: 'System',
        description: 'What is not about one type: bundles, searches and history of all types',
      },
      intakeTag,
      ...server.definitions.resourceTypes.map((name) => ({
        name,
        description: `FHIR R4 ${name}`,
        externalDocs: { url: `http://hl7.org/fhir/R4/${name.toLowerCase()}.html` },
      })),
    ],
    paths: { ...paths, ...intakePaths },
    components: components(server),
  };
}

/** The parameters that stand in a path. */
function pathItem(path: string): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return names.length > 0 ? { parameters: names.map((name) => reference('parameters', name)) } : {};
}

function describeRoute(server: Server, route: Route, type?: string, operation?: Operation): Json {
  const parameters: Json[] = [
    ...parametersOf(server, route, type, operation).map((name) => reference('parameters', name)),
    ...(operation
      ? Object.keys(operationParameters(server, operation)).map((name) => reference('parameters', name))
      : []),
  ];
  return {
    tags: [type ?? 'System'],
    ...(route.interaction === 'capabilities' && { security: [] }),
    summary: operation?.name ?? summaryOf(route),
    ...(operation && { externalDocs: { url: operation.definition } }),
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(route, type),
    responses: {
      ...(operation?.formats ? inFormats(operation.formats) : successOf(route, type)),
      '4XX': reference('responses', 'Error'),
      '5XX': reference('responses', 'Error'),
    },
  };
}

/** A name for the functions of generated clients, from the method and the address: `getPatientById`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      const word = part.replace(/[{}$_]/g, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const name = word[0]!.toUpperCase() + word.slice(1);
      return part.startsWith('{') ? `By${name}` : part.startsWith('$') ? `Operation${name}` : name;
    });
  return method.toLowerCase() + (words.length > 0 ? words.join('') : 'System');
}

/** What an interaction answers when it succeeds (http://hl7.org/fhir/R4/http.html#summary). */
function successOf(route: Route, type: string | undefined): Json {
  const shown = reference('responses', answerOf(route, type));
  switch (route.interaction) {
    case 'create':
    case 'update':
      return { 200: shown, 201: reference('responses', `${type}.created`) };
    case 'delete':
      return { 200: reference('responses', 'DeletedWithRemarks'), 204: reference('responses', 'Deleted') };
    case 'async-cancel':
      return { 202: { description: 'Cancelled' } };
    case 'async-status':
      return { 200: shown, 202: { description: 'Still running' } };
    case 'read':
    case 'vread':
      return { 200: shown, 304: reference('responses', 'Unchanged') };
    default:
      return { 200: shown };
  }
}

/** What an operation answers that gives pages or files beside FHIR. */
function inFormats(formats: readonly string[]): Json {
  const others = formats.map((format) => [
    format,
    { schema: { type: 'string', ...(!format.startsWith('text/') && { format: 'binary' }) } },
  ]);
  return {
    200: {
      description: 'As Accept or _format says',
      content: { ...inFhir(schema('Bundle')), ...Object.fromEntries(others) },
    },
  };
}

/** Without an id, an update, patch or delete is about what the search parameters in its query find. */
function summaryOf({ interaction, method, path }: Route): string {
  const isConditional = path === '/{type}' && method !== 'POST' && method !== 'GET';
  return isConditional ? `${summaries[interaction]}, what a search finds` : summaries[interaction];
}

const summaries: Record<InteractionCode, string> = {
  read: 'Read',
  vread: 'Read a version',
  update: 'Update, or create under this id',
  patch: 'Patch',
  delete: 'Delete',
  'history-instance': 'History of a resource',
  'history-type': 'History of a type',
  'history-system': 'History of the system',
  create: 'Create',
  'search-type': 'Search',
  'search-system': 'Search several types',
  capabilities: 'CapabilityStatement',
  transaction: 'Transaction or batch',
  batch: 'Batch',
  operation: 'Operation',
  'async-status': 'State of an asynchronous request',
  'async-cancel': 'Cancel an asynchronous request',
  'async-answer': 'Answer to an asynchronous request',
};

/** The names, among the components, of the parameters that a route takes in its query. */
function parametersOf(
  server: Server,
  { interaction, method, path }: Route,
  type?: string,
  operation?: Operation,
): string[] {
  const isConditional = path === '/{type}';
  switch (interaction) {
    case 'create':
      return ['If-None-Exist', 'Prefer'];
    case 'update':
    case 'patch':
    case 'delete':
      return [...(isConditional ? ['criteria'] : []), 'If-Match', 'Prefer'];
    case 'transaction':
    case 'batch':
      return ['Prefer'];
    case 'operation':
      // Those of FHIR itself only look, or change labels; the steps of a referral are somebody's.
      if (operation?.messages) return ['X-Acting-Organization', 'X-Acting-Roles'];
      return operation?.definition.startsWith('http://hl7.org/') === false && operation.affectsState
        ? ['If-Match', 'X-Acting-Organization', 'X-Acting-Roles']
        : [];
  }
  if (method !== 'GET') return [];
  switch (interaction) {
    case 'search-type':
      // A search of a compartment can be of any type.
      return [
        ...searchParametersOf(server, path.includes('{compartmentType}') ? undefined : type),
        ...resultParameters,
      ];
    case 'search-system':
      return [...searchParametersOf(server, undefined), '_type', ...resultParameters];
    case 'history-system':
      return [...historyParameters, '_type'];
    case 'history-type':
    case 'history-instance':
      return historyParameters;
    case 'read':
    case 'vread':
      return [...subsetParameters, 'If-None-Match'];
    default:
      return [];
  }
}

/** What a route takes as its body; others take nothing. */
function bodyOf({ interaction, method, path }: Route, type: string | undefined): Json {
  if (method === 'POST' && path.endsWith('/_search'))
    return { requestBody: reference('requestBodies', 'Search') };
  switch (interaction) {
    case 'create':
    case 'update':
      return { requestBody: { required: true, content: inFhir(schema(type!)) } };
    case 'transaction':
      return { requestBody: { required: true, content: inFhir(schema('Bundle')) } };
    case 'patch':
      return { requestBody: reference('requestBodies', 'Patch') };
    case 'operation':
      return method === 'POST' ? { requestBody: { content: inFhir(schema('Resource')) } } : {};
    default:
      return {};
  }
}

/** The type of resource that a route answers with. */
function answerOf({ interaction }: Route, type: string | undefined): string {
  switch (interaction) {
    case 'read':
    case 'vread':
    case 'create':
    case 'update':
    case 'patch':
      return type!;
    case 'capabilities':
      return 'CapabilityStatement';
    case 'operation':
    case 'async-status':
    case 'async-answer':
      return 'Resource';
    default:
      return 'Bundle';
  }
}
