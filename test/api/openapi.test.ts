import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';

interface OpenApi {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, { parameters?: { $ref: string }[] }>>;
  components: Record<string, Record<string, { name?: string }>>;
}

onEachEngine((server) => {
  /** The server itself, above the path of the API. */
  const root = () => request(new URL(server.base).origin);
  let api: OpenApi;
  let text: string;
  beforeAll(async () => {
    const answer = await root()
      .get('/openapi.json')
      .expect(200)
      .expect('Content-Type', /application\/json/);
    ({ body: api, text } = answer);
  });

  describe('the description of the API', () => {
    test('is OpenAPI 3, and not larger than a browser likes', () => {
      expect(api.openapi).toMatch(/^3\./);
      expect(api.servers).toEqual([{ url: '/fhir' }]);
      expect(text.length).toBeLessThan(3_200_000);
    });

    test('names each function of a generated client once, and says what it answers', () => {
      type Described = { operationId: string; responses: Record<string, unknown>; tags: string[] };
      const described = Object.values(api.paths).flatMap((item) =>
        Object.entries(item).flatMap(([method, each]) =>
          method === 'parameters' ? [] : [[method, each as unknown as Described] as const],
        ),
      );
      const names = described.map(([, { operationId }]) => operationId);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
      for (const [, { responses }] of described) expect(responses).toHaveProperty('4XX');
      const create = api.paths['/Patient']!.post as unknown as Described;
      expect(create.responses).toHaveProperty('201');
      expect(api.components.schemas).toHaveProperty('ListResource');
      expect(api.components.schemas).not.toHaveProperty('List');
    });

    test('proposes a body for each type that the server accepts', async () => {
      const schemas = api.components.schemas as Record<string, { example?: { resourceType: string } }>;
      const examples = Object.values(schemas).flatMap(({ example }) => example ?? []);
      expect(examples.length).toBeGreaterThan(140);
      const refused: string[] = [];
      for (const example of examples) {
        const { status } = await server.post(`/${example.resourceType}`, example);
        if (status !== 201) refused.push(`${example.resourceType} ${status}`);
      }
      expect(refused).toEqual([]);
    });

    test('states the parameters of operations, repeatable searches, and numbers as numbers', () => {
      const history = api.paths['/Patient/$referral-history']!.get!.parameters!;
      expect(history.map(({ $ref }) => $ref.split('.').at(-1))).toContain('identifier');
      expect(api.components.parameters!['birthdate.date']).toMatchObject({ schema: { type: 'array' } });
      expect(api.components.parameters!._count).toMatchObject({ schema: { type: 'integer' } });
      expect(api.paths['/Patient']!.put!.parameters!.map(({ $ref }) => $ref)).toContain(
        '#/components/parameters/criteria',
      );
    });

    test('refers to nothing that is not there', () => {
      const references = new Set(
        [...text.matchAll(/"\$ref":"#\/components\/([^/"]+)\/([^"]+)"/g)].map(([all]) => all),
      );
      for (const reference of references) {
        const [, kind, name] = /components\/([^/"]+)\/([^"]+)"/.exec(reference)!;
        expect(api.components[kind!]).toHaveProperty([name!]);
      }
      for (const [path, item] of Object.entries(api.paths)) {
        const open = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `#/components/parameters/${name}`);
        const stated = (item.parameters as unknown as { $ref: string }[] | undefined) ?? [];
        expect(stated.map(({ $ref }) => $ref)).toEqual(open);
      }
    });

    test('says the same as the CapabilityStatement', async () => {
      const { body } = await server.get('/metadata').expect(200);
      const [rest] = body.rest;
      for (const { type, interaction, searchParam, operation = [] } of rest.resource) {
        const codes = interaction.map(({ code }: { code: string }) => code).sort();
        expect(codes).toEqual([
          'create',
          'delete',
          'history-instance',
          'history-type',
          'patch',
          'read',
          'search-type',
          'update',
          'vread',
        ]);
        for (const [path, methods] of [
          [`/${type}`, ['get', 'post', 'put', 'patch', 'delete']],
          [`/${type}/_search`, ['post']],
          [`/${type}/_history`, ['get']],
          [`/${type}/{id}`, ['get', 'put', 'patch', 'delete']],
          [`/${type}/{id}/_history`, ['get']],
          [`/${type}/{id}/_history/{versionId}`, ['get']],
        ] as const)
          for (const method of methods) expect(api.paths[path]).toHaveProperty(method);
        const searched = api.paths[`/${type}`]!.get!.parameters!.map(
          ({ $ref }) => api.components.parameters![$ref.split('/').at(-1)!]!.name,
        );
        expect(searched).toEqual(
          expect.arrayContaining(searchParam.map(({ name }: { name: string }) => name)),
        );
        for (const { name } of operation)
          expect(api.paths[`/${type}/$${name}`] ?? api.paths[`/${type}/{id}/$${name}`]).toBeDefined();
      }
      expect(api.paths['/']).toMatchObject({ get: {}, post: {} });
      expect(api.paths['/_history']).toHaveProperty('get');
      expect(api.paths['/metadata']).toHaveProperty('get');
      expect(Object.keys(api.paths)).not.toContainEqual(expect.stringContaining('{type}'));
    });

    test('knows the search parameters that were added', async () => {
      await server
        .put('/SearchParameter/hue', {
          resourceType: 'SearchParameter',
          id: 'hue',
          url: 'http://example.org/SearchParameter/hue',
          name: 'hue',
          status: 'active',
          description: 'x',
          code: 'hue',
          base: ['Device'],
          type: 'string',
          expression: 'Device.distinctIdentifier',
        })
        .expect(201);
      const { body } = await root().get('/openapi.json').expect(200);
      expect(body.components.parameters).toHaveProperty(['hue.string']);
    });
  });

  describe('the page that shows it', () => {
    test('is made of files of this server alone, which its policy lets a browser run', async () => {
      const { text: page, headers } = await root()
        .get('/docs/api')
        .expect(200)
        .expect('Content-Type', /text\/html/);
      const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
      expect(files.length).toBeGreaterThan(3);
      for (const file of files) {
        expect(file).toMatch(/^\//);
        await root().get(file).expect(200);
      }
      expect(page).not.toMatch(/<script>|style=| on\w+=/);
      const policy = headers['content-security-policy']!;
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('upgrade-insecure-requests');
    });

    test('gives out nothing else of where its files are', async () => {
      await root().get('/docs/package.json').expect(404);
      await root().get('/docs/..%2f..%2fpackage.json').expect(404);
    });
  });
});
