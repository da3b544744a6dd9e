import { describe, expect, test } from '@jest/globals';
import type { Element } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

onEachEngine((server) => {
  const urlsOf = async (path: string) => {
    const { body } = await server.get(path).expect(200);
    return (body.entry ?? []).map(({ resource }: { resource: { url: string } }) => resource.url);
  };
  const ours = 'https://w3id.org/zhuanzhen';

  test('whatever /metadata names can be read by its canonical URL', async () => {
    const { body } = await server.get('/metadata').expect(200);
    const [rest] = body.rest as Element[];
    const named = new Map<string, Set<string>>();
    const note = (type: string, url: unknown) => {
      if (typeof url === 'string') named.set(type, (named.get(type) ?? new Set()).add(url));
    };
    for (const resource of rest!.resource as Record<string, Element[] & string[]>[]) {
      for (const url of resource.supportedProfile ?? []) note('StructureDefinition', url);
      for (const { definition } of resource.searchParam ?? []) note('SearchParameter', definition);
      for (const { definition } of resource.operation ?? []) note('OperationDefinition', definition);
    }
    for (const url of rest!.compartment as string[]) note('CompartmentDefinition', url);
    for (const [type, urls] of named) {
      const all = [...urls];
      for (let at = 0; at < all.length; at += 100) {
        const some = all.slice(at, at + 100);
        const query = new URLSearchParams({ url: some.join(','), _count: '200', _elements: 'url' });
        const found = new Set(await urlsOf(`/${type}?${query}`));
        expect(some.filter((url) => !found.has(url))).toEqual([]);
      }
    }
  });

  test.each([
    ['StructureDefinition', 'up-referral'],
    ['CodeSystem', 'reject-reason'],
    ['PlanDefinition', 'referral-rules'],
    ['ValueSet', 'administrative-gender'],
    ['StructureDefinition', 'Patient'],
  ])('%s/%s can be read, and is not sent twice to who has it', async (type, id) => {
    const { body, headers } = await server.get(`/${type}/${id}`).expect(200);
    expect(body).toMatchObject({ resourceType: type, id });
    await server.get(`/${type}/${id}`).set('If-None-Match', headers.etag!).expect(304);
    await server.get(`/${type}/${id}/_history/${body.meta.versionId}`).expect(200);
    expect(await urlsOf(`/${type}?url=${body.url}`)).toEqual([body.url]);
  });

  test('they are paged and counted with what is stored, and nothing comes twice or is left out', async () => {
    await server.put('/PlanDefinition/own', { resourceType: 'PlanDefinition', id: 'own', status: 'draft' });
    const { body: all } = await server.get('/PlanDefinition?_total=accurate&_count=1000').expect(200);
    const ids: string[] = [];
    let next: string | undefined = '/PlanDefinition?_count=1';
    while (next) {
      const { body }: { body: { entry: { resource: { id: string } }[]; link: Element[] } } = await server
        .get(next)
        .expect(200);
      ids.push(...body.entry.map(({ resource }) => resource.id));
      const link = body.link.find(({ relation }) => relation === 'next');
      next = link && String(link.url).slice(server.base.length);
    }
    expect(ids).toEqual(all.entry.map(({ resource }: { resource: { id: string } }) => resource.id));
    expect(new Set(ids).size).toBe(all.total);
  });

  describe('a definition that a client stores under the same id', () => {
    test('hides the one that came with the server, until it is deleted', async () => {
      const path = '/CodeSystem/reject-reason';
      const { body: shipped } = await server.get(path).expect(200);
      await server.put(path, { ...shipped, meta: undefined, title: '本县退回原因' }).expect(201);
      expect((await server.get(path).expect(200)).body.title).toBe('本县退回原因');
      expect(await urlsOf(`/CodeSystem?url=${ours}/CodeSystem/reject-reason`)).toHaveLength(1);
      await server.delete(path).expect(204);
      expect((await server.get(path).expect(200)).body.title).toBe(shipped.title);
    });
  });

  test('a search over all types is about what is stored', async () => {
    const { body } = await server.get('/?_count=1000').expect(200);
    const types = (body.entry ?? []).map(
      ({ resource }: { resource: { resourceType: string } }) => resource.resourceType,
    );
    expect(types).not.toContain('StructureDefinition');
  });
});
