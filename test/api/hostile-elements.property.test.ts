import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onEachEngine } from '../environment/server.ts';

const folder = new URL('../../examples/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const community = read('community.json');
const examples = readdirSync(new URL('valid/', folder)).map((name) => read(`valid/${name}`));

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

type Node = Record<string, unknown> | unknown[];

/** Every place within a value, as the object or list and the member that it is there. */
function placesIn(value: unknown, found: [holder: Node, key: string][] = []): [holder: Node, key: string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    found.push([value as Node, key]);
    placesIn(member, found);
  }
  return found;
}

/** One of the examples, some of whose elements are something else, or are called otherwise. */
const spoilt = fc
  .record({
    text: fc.constantFrom(...examples),
    changes: fc.array(
      fc.record({
        place: fc.nat(),
        value: fc.constantFrom(...hostile),
        name: fc.option(fc.constantFrom('toString', '__proto__x', 'constructor', 'valueString', '_status')),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ text, changes }) => {
    const bundle = JSON.parse(text) as { entry: { resource: Record<string, unknown> }[] };
    for (const { place, value, name } of changes) {
      const places = placesIn(bundle);
      const [holder, key] = places[place % places.length]!;
      (holder as Record<string, unknown>)[name && !Array.isArray(holder) ? name : key] = value;
    }
    return bundle;
  });

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

  test('whatever stands in place of an element, it is kept or refused, and never a fault of the server', async () => {
    const send = async (path: string, body: unknown) => {
      const { status } = await server
        .post(path)
        .set('Content-Type', 'application/fhir+json')
        .send(JSON.stringify(body));
      expect([status, status < 500]).toEqual([status, true]);
    };
    await fc.assert(
      fc.asyncProperty(spoilt, async (bundle) => {
        await send('/', bundle);
        await send('/', { ...bundle, type: 'batch' });
        await send('/Bundle/$validate', bundle);
        const resources = Array.isArray(bundle.entry) ? bundle.entry.map((entry) => entry?.resource) : [];
        for (const resource of resources.slice(0, 3)) {
          const type = resource?.resourceType;
          if (typeof type === 'string' && /^[A-Z][a-zA-Z]+$/.test(type)) await send(`/${type}`, resource);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
