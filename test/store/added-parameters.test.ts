import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { Refusal } from '../../src/fhir/refusal.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { AddedParameters } from '../../src/interactions/search-parameters/added-parameters.ts';
import { nextVersion } from '../../src/interactions/version.ts';
import type { Store } from '../../src/store/store.ts';
import { searchServer } from '../environment/search.ts';
import { engines, type Place } from './places.ts';

const definitions = loadDefinitions();
const { base, now } = searchServer;

const village: Resource = {
  resourceType: 'SearchParameter',
  url: 'http://example.org/SearchParameter/patient-village',
  status: 'active',
  code: 'village',
  base: ['Patient'],
  type: 'string',
  expression: 'Patient.address.line',
};
const inEast = { kind: 'terms', low: 'village|~east', high: 'village|~eastz' } as const;

/** What servers on one store know of the parameters that were added to it. */
describe.each(engines)('search parameters added on %s', (_, newPlace) => {
  let place: Place;
  let store: Store;
  let servers: AddedParameters[] = [];
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
    for (let n = 0; n < 120; n++)
      await keep('Patient', `p${n}`, { resourceType: 'Patient', address: [{ line: ['East'] }] });
    await keep('SearchParameter', 'village', village);
  });
  afterEach(async () => {
    for (const server of servers) await server.stop();
    servers = [];
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  async function keep(type: string, id: string, resource: Resource) {
    await store.write(async (transaction) => {
      const replaced = await transaction.read(type, id);
      await transaction.put(nextVersion(searchServer, 'PUT', id, resource, replaced, now()), replaced);
    });
  }
  function aServer(): AddedParameters {
    const report = (error: unknown) => {
      throw error;
    };
    const server = new AddedParameters({ store, definitions, base, now, report });
    servers.push(server);
    return server;
  }
  const ask = (server: AddedParameters) => server.current.of('Patient').get('village');

  test('a parameter cannot be asked for until all resources are indexed, and the refusal says so', async () => {
    const server = aServer();
    expect(ask(server)).toBeUndefined();
    await server.loaded();
    expect(() => ask(server)).toThrow(Refusal);
    expect(() => ask(server)).toThrow('still being indexed');
    // What is written meanwhile is indexed by it already.
    expect([...server.current.of('Patient').keys()]).toContain('village');
    expect(await store.count('Patient', inEast)).toBeLessThan(120);
  });

  test('indexing that was interrupted begins again at the next start', async () => {
    const server = aServer();
    await server.loaded();
    expect(() => ask(server)).toThrow('still being indexed');
    await server.indexed();
    expect(ask(server)?.name).toBe('village');
    expect(await store.count('Patient', inEast)).toBe(120);
  });

  test('what is indexed can be asked for as soon as another server has started', async () => {
    const server = aServer();
    await server.loaded();
    expect(ask(server)?.name).toBe('village');
  });

  test('another server learns of a change, and a new version of the same definition needs no indexing', async () => {
    const server = aServer();
    await server.loaded();
    await keep('SearchParameter', 'village', { ...village, description: 'The same' });
    await server.refresh();
    expect(ask(server)?.name).toBe('village');
    await server.indexed();
    const next = aServer();
    await next.loaded();
    expect(ask(next)?.name).toBe('village');

    await keep('SearchParameter', 'village', { ...village, status: 'retired' });
    await server.refresh();
    expect(ask(server)).toBeUndefined();
  });
});
