import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalResources } from '../../src/fhir/definitions/minimal-resources.ts';
import type { Component, Parameter } from '../../src/fhir/search/parameters.ts';
import { onEachEngine } from '../environment/server.ts';

interface Described {
  name: string;
  definition: string;
  type: string;
}
interface ResourceCapabilities {
  type: string;
  interaction: { code: string }[];
  searchInclude: string[];
  searchRevInclude?: string[];
  searchParam: Described[];
  operation?: Described[];
}
interface Capabilities {
  rest: {
    interaction: { code: string }[];
    resource: ResourceCapabilities[];
    searchParam: Described[];
    operation: Described[];
    compartment: string[];
  }[];
}

/** How many requests are under way at the same time. */
const width = 8;
const slow = 170_000;

/** "Every line of the CapabilityStatement is called": on the embedded engine each, on MongoDB those of some types. */
onEachEngine((server) => {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  const fhir = 'application/fhir+json';
  let statement: Capabilities;
  /** The types that are looked at. */
  let types: ResourceCapabilities[];
  let minimal: ReturnType<typeof minimalResources>;

  beforeAll(async () => {
    statement = JSON.parse((await ask('GET', '/metadata')).text);
    minimal = minimalResources(server.running.server.definitions);
    const sampled = new Set([
      'Patient',
      'ServiceRequest',
      'Task',
      'Observation',
      'Bundle',
      'Binary',
      'Location',
    ]);
    const all = statement.rest[0]!.resource;
    types = engineOf() === 'MongoDB' ? all.filter(({ type }, n) => sampled.has(type) || n % 20 === 0) : all;
  });
  afterAll(() => agent.destroy());

  function engineOf(): string {
    return expect.getState().currentTestName?.includes('MongoDB') ? 'MongoDB' : 'embedded';
  }

  function ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string; etag?: string }> {
    const { hostname, port, pathname } = new URL(server.base);
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          hostname,
          port,
          agent,
          method,
          path: pathname + path,
          headers: { ...(body && { 'Content-Type': fhir }), ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              text: Buffer.concat(chunks).toString(),
              ...(response.headers.etag && { etag: response.headers.etag }),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  }

  /** Asks, and gives what was wrong when the status is another one than expected. */
  async function wrong(
    expected: number,
    ...[method, path, body, headers]: Parameters<typeof ask>
  ): Promise<string[]> {
    const { status, text } = await ask(method, path, body, headers);
    return status === expected
      ? []
      : [`${method} ${path}: ${status} instead of ${expected}: ${text.slice(0, 300)}`];
  }

  /** Does the same for many, several at a time, and gives all that was wrong. */
  async function wrongOfAll<T>(items: readonly T[], look: (item: T) => Promise<string[]>): Promise<string[]> {
    const found: string[] = [];
    const left = [...items];
    const worker = async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) found.push(...(await look(item)));
    };
    await Promise.all(Array.from({ length: width }, worker));
    return found;
  }

  test('the statement itself is valid', async () => {
    const { text } = await ask('POST', '/CapabilityStatement/$validate', statement);
    const errors = JSON.parse(text).issue.filter(
      ({ severity }: { severity: string }) => severity === 'error',
    );
    expect(errors).toEqual([]);
  });

  test('all interactions that it names are called below, and no type is left out', () => {
    const [rest] = statement.rest;
    const named = new Set(rest!.resource.flatMap(({ interaction }) => interaction.map(({ code }) => code)));
    expect([...named].sort()).toEqual([...interactions].sort());
    expect(rest!.interaction.map(({ code }) => code).sort()).toEqual([
      'batch',
      'history-system',
      'search-system',
      'transaction',
    ]);
    expect(rest!.resource.map(({ type }) => type)).toEqual(server.running.server.definitions.resourceTypes);
  });

  const interactions = [
    'create',
    'read',
    'vread',
    'update',
    'patch',
    'delete',
    'history-instance',
    'history-type',
    'search-type',
  ];

  test(
    'each interaction of each type, conditionally and not',
    async () => {
      const found = await wrongOfAll(types, async ({ type }) => {
        const id = 'capable';
        const resource = minimal(type);
        const own = `/${type}/${id}`;
        const json = { 'Content-Type': 'application/json-patch+json' };
        const addLanguage = [{ op: 'add', path: '/language', value: 'zh' }];
        return [
          ...(await wrong(201, 'POST', `/${type}`, resource)),
          ...(await wrong(201, 'PUT', own, { ...resource, id })),
          ...(await wrong(200, 'POST', `/${type}`, resource, { 'If-None-Exist': `_id=${id}` })),
          ...(await wrong(200, 'GET', own)),
          ...(await wrong(200, 'HEAD', own)),
          ...(await wrong(304, 'GET', own, undefined, { 'If-None-Match': 'W/"1"' })),
          ...(await wrong(304, 'GET', own, undefined, { 'If-Modified-Since': new Date().toUTCString() })),
          ...(await wrong(200, 'PUT', own, { ...resource, id }, { 'If-Match': 'W/"1"' })),
          ...(await wrong(200, 'PUT', `/${type}?_id=${id}`, resource)),
          ...(await wrong(200, 'GET', `${own}/_history/1`)),
          ...(await wrong(200, 'PATCH', own, addLanguage, json)),
          ...(await wrong(200, 'PATCH', `/${type}?_id=${id}`, addLanguage, json)),
          ...(await wrong(200, 'GET', `${own}/_history`)),
          ...(await wrong(200, 'GET', `/${type}/_history?_count=2`)),
          ...(await wrong(200, 'GET', `/${type}?_id=${id}`)),
          ...(await wrong(200, 'POST', `/${type}/_search?_id=${id}`)),
          ...(await wrong(204, 'DELETE', own)),
          ...(await wrong(410, 'GET', own)),
          ...(await wrong(204, 'DELETE', `/${type}?_id=${id}`)),
        ];
      });
      expect(found).toEqual([]);
    },
    slow,
  );

  test(
    'each search parameter of each type, with a value of its form and with :missing',
    async () => {
      const searches = types.flatMap(({ type, searchParam }) =>
        searchParam.map((described) => ({ type, described })),
      );
      expect(searches.length).toBeGreaterThan(100);
      const found = await wrongOfAll(searches, async ({ type, described }) => {
        const parameter = [...server.running.server.parameters.of(type).values()].find(
          ({ name }) => name === described.name,
        )!;
        expect(described).toEqual({ name: parameter.name, definition: parameter.url, type: parameter.type });
        const { name } = parameter;
        const value = encodeURIComponent(valueFor(parameter));
        return [
          ...(await wrong(200, 'GET', `/${type}?${name}=${value}`)),
          ...(hasMissing(parameter) ? await wrong(200, 'GET', `/${type}?${name}:missing=true`) : []),
          ...(hasMissing(parameter) ? await wrong(200, 'GET', `/${type}?${name}:missing=false`) : []),
        ];
      });
      expect(found).toEqual([]);
    },
    slow,
  );

  test(
    'each include and revinclude of each type',
    async () => {
      const includes = types.flatMap(({ type, searchInclude, searchRevInclude = [] }) => [
        ...searchInclude.map((value) => `/${type}?_include=${encodeURIComponent(value)}`),
        ...searchRevInclude.map((value) => `/${type}?_revinclude=${encodeURIComponent(value)}`),
      ]);
      expect(await wrongOfAll(includes, (path) => wrong(200, 'GET', `${path}&_count=1`))).toEqual([]);
    },
    slow,
  );

  /** What is sent to operations that need something; others are asked with nothing. */
  const bodies: Record<string, (type: string) => object> = {
    validate: (type) =>
      type === 'Parameters'
        ? { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: minimal(type) }] }
        : minimal(type),
    'reimbursement-hint': (type) => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'referral', resource: minimal(type) }],
    }),
    'check-indications': () => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: { resourceType: 'Bundle', type: 'collection' } }],
    }),
    'load-codes': () => ({ ...minimal('CodeSystem'), url: 'http://example.org/codes', content: 'complete' }),
    'meta-add': labels,
    'meta-delete': labels,
  };
  function labels(): object {
    return {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'http://example.org', code: 'x' }] } }],
    };
  }

  test(
    'each operation of each type, wherever it can be called',
    async () => {
      const found = await wrongOfAll(types, async ({ type, operation = [] }) => {
        const id = 'operated';
        const own = `/${type}/${id}`;
        const problems = await wrong(201, 'PUT', own, { ...minimal(type), id });
        // The steps of a referral and of an appointment, and the papers, need one that is in the right state:
        // workflow.test.ts, appointments.test.ts, paper-document.test.ts and verify-referral.test.ts take them,
        // submission.test.ts submits referrals, indicators.test.ts evaluates measures; who breaks the glass has to be
        // somebody (test/access/deciding.test.ts), and who asks of a code names one (terminology.test.ts).
        const others = operation.filter(
          ({ definition }) =>
            !/\/(task-(?!next-steps)|appointment-(?!find)|paper-document|verify-referral|break-the-glass|submit$|Measure-|(CodeSystem|ValueSet|ConceptMap)-)/.test(
              definition,
            ),
        );
        for (const { name, definition } of others) {
          const { on } = server.running.server.operations.find((each) => each.definition === definition)!;
          const query = name === 'referral-history' ? '?identifier=a|b' : '';
          const body = bodies[name]?.(type);
          if (on.type) problems.push(...(await wrong(200, 'POST', `/${type}/$${name}${query}`, body)));
          if (on.instance) problems.push(...(await wrong(200, 'POST', `${own}/$${name}`, body)));
          if (on.version) problems.push(...(await wrong(200, 'POST', `${own}/_history/1/$${name}`, body)));
        }
        return problems;
      });
      expect(found).toEqual([]);
    },
    slow,
  );

  describe('of the whole system', () => {
    /** Operations of the whole system that only look, but must be told at what. */
    const needing: ReadonlySet<string> = new Set(['monthly-feedback']);
    test('each interaction, search parameter and operation', async () => {
      const [{ searchParam, operation }] = statement.rest as [Capabilities['rest'][0]];
      const entry = [{ request: { method: 'GET', url: 'Patient?_count=1' } }];
      const parameters = server.running.server.parameters.of('Resource');
      const found = [
        ...(await wrong(200, 'POST', '/', { resourceType: 'Bundle', type: 'transaction', entry })),
        ...(await wrong(200, 'POST', '/', { resourceType: 'Bundle', type: 'batch', entry })),
        ...(await wrong(200, 'GET', '/?_count=1')),
        ...(await wrong(200, 'POST', '/_search?_count=1')),
        ...(await wrong(200, 'GET', '/_history?_count=1')),
        ...(await wrongOfAll(searchParam, ({ name }) => {
          const value = encodeURIComponent(
            valueFor([...parameters.values()].find((each) => each.name === name)!),
          );
          return wrong(200, 'GET', `/?${name}=${value}`);
        })),
        // What needs something is sent it in tests of its own: without it, it is refused.
        ...(await wrongOfAll(operation, ({ name }) => {
          const { affectsState } = server.running.server.operations.find((each) => each.name === `$${name}`)!;
          const isRefused = affectsState || needing.has(name);
          return wrong(isRefused ? 400 : 200, affectsState ? 'POST' : 'GET', `/$${name}`);
        })),
      ];
      expect(found).toEqual([]);
    });

    test('each compartment, of one type and of all', async () => {
      const compartments = statement.rest[0]!.compartment.map((url) => {
        const name = url.split('/').at(-1)!;
        return name[0]!.toUpperCase() + name.slice(1);
      });
      expect(compartments).toContain('Patient');
      const found = await wrongOfAll(compartments, async (type) => [
        ...(await wrong(200, 'GET', `/${type}/x/Observation?_count=1`)),
        ...(await wrong(200, 'GET', `/${type}/x/*?_count=1`)),
      ]);
      expect(found).toEqual([]);
    });
  });
});

/** Parameters that are asked for whether they are missing. */
function hasMissing({ type, name }: Parameter): boolean {
  return type !== 'composite' && type !== 'special' && !withoutMissing.has(name);
}

/** They are not read from one element, and are there or not with the resource itself. */
const withoutMissing: ReadonlySet<string> = new Set(['_text', '_content', '_lastUpdated']);

/** A value of the form that a parameter takes. */
function valueFor({ type, name, targets, types, components }: Parameter): string {
  if (type === 'composite') return components[0]!.map(partFor).join('$');
  if (type === 'special') return name === 'near' ? '39.9|116.4|10|km' : 'x';
  return partFor({ type, targets, types });
}

function partFor({ type, targets, types }: Pick<Component, 'type' | 'targets' | 'types'>): string {
  switch (type) {
    case 'number':
      return 'gt1.5';
    case 'date':
      return 'ge2026-03-01';
    case 'quantity':
      return '5.4|http://unitsofmeasure.org|mg';
    case 'reference':
      return `${targets[0] ?? 'Patient'}/x`;
    case 'uri':
      return 'http://example.org/x';
    case 'token':
      if (types?.has('boolean')) return 'true';
      return types?.has('Coding') || types?.has('Identifier') ? 'http://example.org|x' : 'x';
    case 'string':
      return '北京';
    case 'composite':
    case 'special':
      throw new Error('a composite has no composites');
  }
}
