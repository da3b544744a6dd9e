import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onEachEngine } from '../environment/server.ts';

const folder = new URL('../../examples/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const community = read('community.json');
const textsIn = (path: string) => readdirSync(new URL(path, folder)).map((name) => read(`${path}${name}`));
const referrals = textsIn('valid/');
const messages = textsIn('messages/');
const definitions = ['../profiles/', '../terminology/'].flatMap(textsIn);

/** What stands where something else is owed: code that takes it for a text, a list or an object must not fall over it. */
const hostile: readonly unknown[] = [
  { toString: 0 },
  { toString: null, valueOf: 1 },
  { length: 3 },
  { constructor: { name: 'x' } },
  null,
  [],
  {},
  [null],
  [[]],
  [{}],
  '',
  ' ',
  0,
  -1,
  1e308,
  true,
  'toString',
  '__proto__',
  '\u0000',
  '\ud800',
  { reference: 5 },
  { reference: { toString: 0 } },
  { coding: 'x' },
  { coding: [null, 5] },
  [{ coding: {} }],
  { resourceType: 'Patient' },
  { resourceType: { toString: 0 } },
];

/** What an element is called instead. */
const names = ['toString', '__proto__x', 'constructor', 'length', 'then', 'toJSON', 'valueString', '_status'];

type Node = Record<string, unknown> | unknown[];
type SentBundle = { entry: { resource: Record<string, unknown> }[] };

/** Every place within a value, as the object or list and the member that it is there. */
function placesIn(value: unknown, found: [holder: Node, key: string][] = []): [holder: Node, key: string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    found.push([value as Node, key]);
    placesIn(member, found);
  }
  return found;
}

/** One of the texts as a value, some of whose elements are something else, or are called otherwise. */
function spoilt<T>(texts: readonly string[]): fc.Arbitrary<T> {
  const change = fc.record({
    place: fc.nat(),
    value: fc.constantFrom(...hostile),
    name: fc.option(fc.constantFrom(...names)),
  });
  return fc
    .record({ text: fc.constantFrom(...texts), changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
    .map(({ text, changes }) => {
      const value = JSON.parse(text) as T;
      for (const { place, value: other, name } of changes) {
        const places = placesIn(value);
        const [holder, key] = places[place % places.length]!;
        (holder as Record<string, unknown>)[name && !Array.isArray(holder) ? name : key] =
          structuredClone(other);
      }
      return value;
    });
}

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/').set('Content-Type', 'application/fhir+json').send(community).expect(200);
  });

  test.each(hostile.filter((value) => typeof value !== 'string'))(
    'an id that is %j is refused, by whichever way it comes',
    async (id) => {
      const patient = { resourceType: 'Patient', id, name: [{ text: '王小明' }] };
      const condition = `identifier=urn:none|${hostile.indexOf(id)}`;
      for (const path of ['/Patient/here', `/Patient?${condition}`]) {
        const { status } = await server.put(path).set('Content-Type', 'application/fhir+json').send(patient);
        expect([path, status]).toEqual([path, 400]);
      }
      for (const path of ['/', '/Patient/here/$validate', '/Patient/$validate', '/Patient']) {
        const entry = { resource: patient, request: { method: 'PUT', url: `Patient?${condition}` } };
        const { status } = await server
          .post(path)
          .set('Content-Type', 'application/fhir+json')
          .send(path === '/' ? { resourceType: 'Bundle', type: 'transaction', entry: [entry] } : patient);
        expect([path, [200, 400].includes(status)]).toEqual([path, true]);
      }
    },
  );

  /** Sends a body, and holds the answer to it: no fault of the server, and nothing of the language's own in it. */
  const send = async (path: string, body: unknown, method: 'post' | 'put' = 'post') => {
    const answer = await server[method](path)
      .set('Content-Type', 'application/fhir+json')
      .send(JSON.stringify(body));
    expect([answer.status, answer.status < 500]).toEqual([answer.status, true]);
    expect(answer.text).not.toContain('[object Object]');
    return answer;
  };

  test('whatever stands in place of an element, it is kept or refused, and never a fault of the server', async () => {
    const property = fc.asyncProperty(spoilt<SentBundle>(referrals), async (bundle) => {
      await send('/', bundle);
      await send('/', { ...bundle, type: 'batch' });
      await send('/Bundle/$validate', bundle);
      await send('/ServiceRequest/$submit', bundle);
      await send('/ServiceRequest/$check-indications', bundle);
      const resources = Array.isArray(bundle.entry) ? bundle.entry.map((entry) => entry?.resource) : [];
      for (const resource of resources.slice(0, 3)) {
        const type = resource?.resourceType;
        if (typeof type === 'string' && /^[A-Z][a-zA-Z]+$/.test(type)) await send(`/${type}`, resource);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  }, 120_000);

  test('so with messages', async () => {
    const property = fc.asyncProperty(spoilt<object>(messages), async (message) => {
      await send('/$process-message', message);
    });
    await fc.assert(property, { numRuns: 40 });
  }, 120_000);

  test('so with definitions, and with what is held to them', async () => {
    const property = fc.asyncProperty(
      spoilt<{ resourceType: unknown; id: unknown }>(definitions),
      fc.constantFrom(...referrals),
      async (definition, referral) => {
        const { resourceType, id } = definition;
        if (typeof resourceType !== 'string' || typeof id !== 'string') return;
        const path = `/${resourceType}/${id}`;
        if (!/^\/[A-Z][A-Za-z]+\/[A-Za-z0-9-]+$/.test(path)) return;
        const { status } = await send(path, definition, 'put');
        if (status >= 400) return;
        await send('/Bundle/$validate', JSON.parse(referral));
        await server.delete(path);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }, 120_000);
});
