import type { Element, Resource } from '../fhir/resource.ts';
import type { Parameter } from '../fhir/search/parameters.ts';
import type { Answer } from './answer.ts';
import type { InteractionCode, Route } from './route.ts';
import { capabilitySecurity, openSecurity } from './security.ts';
import type { Server } from './server.ts';

const systemInteractions: readonly InteractionCode[] = [
  'transaction',
  'batch',
  'search-system',
  'history-system',
];
const typeInteractions: readonly InteractionCode[] = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
];
/** Those of a type that clients cannot write (`Server.readOnlyTypes`). */
export const readingInteractions: readonly InteractionCode[] = ['read', 'search-type'];

/**
 * The CapabilityStatement (http://hl7.org/fhir/R4/http.html#capabilities), made from the routes and the search
 * parameters that are really there; made anew only when the parameters change.
 */
export function createCapabilities(routes: readonly Route[], started: string, version: string) {
  let json: string | undefined;
  let madeFor: Server['parameters'] | undefined;
  return async (server: Server): Promise<Answer> => {
    if (!json || madeFor !== server.parameters) {
      json = JSON.stringify(capabilityStatement(server, routes, started, version));
      madeFor = server.parameters;
    }
    return { status: 200, json };
  };
}

function capabilityStatement(
  server: Server,
  routes: readonly Route[],
  started: string,
  version: string,
): Resource {
  const wired = new Set(routes.map((route) => route.interaction));
  const references = new Map(
    server.definitions.resourceTypes.map((type) => [
      type,
      [...server.parameters.of(type).values()].filter((parameter) => parameter.type === 'reference'),
    ]),
  );
  const codes = (all: readonly InteractionCode[]) =>
    all.filter((code) => wired.has(code)).map((code) => ({ code }));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: started,
    kind: 'instance',
    software: { name: 'Zhuanzhen', version },
    implementation: {
      description: 'Zhuanzhen 转诊: referrals of a county medical community',
      url: server.base,
    },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        ...extended(server.subscriptions?.rest),
        security: server.security ? capabilitySecurity(server.security) : openSecurity,
        resource: server.definitions.resourceTypes.map((type) => ({
          type,
          ...(type === 'SearchParameter' && remarksOn(server)),
          ...(type === 'Subscription' && extended(server.subscriptions?.resource)),
          profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
          ...supportedProfiles(server, type),
          ...(server.readOnlyTypes?.has(type)
            ? { interaction: codes(readingInteractions), ...withoutWriting }
            : { interaction: codes(typeInteractions), ...withWriting(server) }),
          referencePolicy: ['literal', 'logical'],
          searchInclude: ['*', ...references.get(type)!.map(({ name }) => `${type}:${name}`)],
          ...listed('searchRevInclude', referencing(references, type)),
          searchParam: [...server.parameters.of(type).values()].map(described),
          ...operationsOn(server, type),
        })),
        interaction: codes(systemInteractions),
        searchParam: [...server.parameters.of('Resource').values()].map(described),
        ...operationsOn(server, undefined),
        compartment: server.definitions.all('CompartmentDefinition').map((definition) => definition.url),
      },
    ],
    ...messaging(server),
    ...documents(server),
  };
}

/** In minutes: so long a message that is sent again is known. It is for good; FHIR wants a number. */
const reliableCache = 100 * 525_600;

/** The messages that operations take (http://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.messaging). */
function messaging({ operations, base }: Server): { messaging?: object[] } {
  const taking = operations.filter(({ messages = [] }) => messages.length > 0);
  if (taking.length === 0) return {};
  const protocol = { system: 'http://terminology.hl7.org/CodeSystem/message-transport', code: 'http' };
  return {
    messaging: taking.map(({ name, messages = [] }) => ({
      endpoint: [{ protocol, address: `${base}/${name}` }],
      reliableCache,
      supportedMessage: messages.map((definition) => ({ mode: 'receiver', definition })),
    })),
  };
}

/** The documents that are filed when they are created. */
function documents({ filings = [] }: Server): { document?: object[] } {
  const profiles = filings.flatMap((filing) => filing.profiles);
  return profiles.length > 0 ? { document: profiles.map((profile) => ({ mode: 'consumer', profile })) } : {};
}

/** What is to be said of stored SearchParameters that are not in force, or not everywhere, one a line. */
function remarksOn({ parameters: { remarks } }: Server): { documentation?: string } {
  const lines = remarks.map(({ path, text }) => `- ${path}: ${text.zh} / ${text.en}`);
  return lines.length > 0 ? { documentation: lines.join('\n') } : {};
}

const withoutWriting = {
  versioning: 'no-version',
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalRead: 'full-support',
  conditionalUpdate: false,
  conditionalDelete: 'not-supported',
};

function withWriting({ limits }: Server): object {
  return {
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: limits.conditionalDeleteMultiple ? 'multiple' : 'single',
  };
}

/** Extensions, where there are some. */
function extended(extension: readonly Element[] = []): { extension?: readonly Element[] } {
  return extension.length > 0 ? { extension } : {};
}

/** FHIR's JSON has no empty lists. */
function listed(name: string, items: readonly string[]): object {
  return items.length > 0 ? { [name]: items } : {};
}

function described({ name, url, type }: Parameter): object {
  return { name, definition: url, type };
}

/**
 * The parameters, as `Type:name`, whose references lead to a type. Those that can lead to any type are left out: they
 * work, but would make the statement ten times as long.
 */
function referencing(references: ReadonlyMap<string, readonly Parameter[]>, target: string): string[] {
  return [...references].flatMap(([type, parameters]) =>
    parameters
      .filter(({ targets }) => targets.length < references.size && targets.includes(target))
      .map(({ name }) => `${type}:${name}`),
  );
}

/** The profiles of the community itself, not the examples of the specification. */
function supportedProfiles(server: Server, type: string): { supportedProfile?: string[] } {
  const own = server.definitions
    .all('StructureDefinition')
    .filter((d) => d.type === type && d.derivation === 'constraint' && d.abstract !== true)
    .map((d) => d.url as string)
    .filter((url) => !url.startsWith('http://hl7.org/fhir/'));
  return own.length > 0 ? { supportedProfile: own } : {};
}

function operationsOn(server: Server, type: string | undefined): { operation?: object[] } {
  const isReadOnly = type !== undefined && server.readOnlyTypes?.has(type);
  const here = server.operations.filter(({ on, affectsState }) =>
    type === undefined
      ? on.system
      : (on.type || on.instance) && (!on.types || on.types.includes(type)) && !(isReadOnly && affectsState),
  );
  return here.length > 0
    ? { operation: here.map(({ name, definition }) => ({ name: name.slice(1), definition })) }
    : {};
}
