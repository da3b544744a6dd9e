import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../src/fhir/refusal.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { matches, type Searchable } from '../../src/fhir/search/matcher.ts';
import { comparePositions, positionOf } from '../../src/fhir/search/order.ts';
import type { Search } from '../../src/fhir/search/parse.ts';
import type { Store } from '../../src/store/store.ts';
import { read, searchable } from '../environment/search.ts';
import { engines, type Place } from '../store/places.ts';
import { aDeletion, aVersion, putAfterCurrent } from '../store/versions.ts';

/**
 * The law: for any resources and any search, each engine gives what the matcher gives, in the order that is asked for.
 * All is made from few words, so that searches meet resources, references lead somewhere, and ties are common.
 */
const id = fc.constantFrom('a', 'b', 'c', 'd');
const word = fc.constantFrom(
  'Li',
  'lí',
  '李',
  '李四',
  'Lee, A',
  'x$y',
  'a|b',
  'back\\slash',
  '100%',
  "O'Neil",
);
const code = fc.constantFrom('1', '2', 'A', 'a', 'x|y');
const system = fc.constantFrom('http://a.org', 'http://b.org', undefined);
const number = fc.constantFrom(-1, 0, 0.5, 1, 1.25, 5, 99.95, 100, 1000);
const unit = fc.constantFrom('mg', 'g', 'kg', 'mm[Hg]', 'kPa', undefined);
const date = fc.constantFrom(
  '2013',
  '2013-01',
  '2013-01-14',
  '2013-01-14T10:00:00Z',
  '2013-01-14T18:00:00+08:00',
  '2014-02',
);

const concept = fc.record({
  coding: fc.array(fc.record({ system, code, display: word }, { requiredKeys: ['code'] }), { maxLength: 2 }),
  text: word,
});
const quantity = fc
  .record({ value: number, unit, comparator: fc.constantFrom(undefined, '<', '>=') })
  .map(({ value, unit, comparator }) => ({
    value,
    ...(comparator && { comparator }),
    ...(unit && { unit, code: unit, system: 'http://unitsofmeasure.org' }),
  }));
const to = (...types: string[]) =>
  fc.tuple(fc.constantFrom(...types), id).map(([type, of]) => ({ reference: `${type}/${of}` }));

const optional = { requiredKeys: ['resourceType' as const, 'id' as const] };
const patient = fc.record(
  {
    resourceType: fc.constant('Patient'),
    id,
    active: fc.boolean(),
    gender: fc.constantFrom('male', 'female'),
    name: fc.array(fc.record({ family: word, given: fc.array(word, { maxLength: 2 }) }), { maxLength: 2 }),
    identifier: fc.array(fc.record({ system, value: code }), { maxLength: 2 }),
    birthDate: fc.constantFrom('2013', '2013-01', '2013-01-14'),
    managingOrganization: to('Organization'),
    text: word.map((div) => ({ div: `<div>${div}</div>` })),
  },
  optional,
);
const organization = fc.record(
  { resourceType: fc.constant('Organization'), id, name: word, partOf: to('Organization') },
  optional,
);
const observation = fc.record(
  {
    resourceType: fc.constant('Observation'),
    id,
    code: concept,
    subject: to('Patient', 'Group'),
    hasMember: fc.array(to('Observation'), { maxLength: 2 }),
    effectiveDateTime: date,
    effectivePeriod: fc.record({ start: date, end: date }, { requiredKeys: [] }),
    valueQuantity: quantity,
    component: fc.array(fc.record({ code: concept, valueQuantity: quantity }), { maxLength: 2 }),
    note: fc.array(fc.record({ text: word }), { maxLength: 1 }),
  },
  optional,
);
const world = fc.uniqueArray(fc.oneof(patient, organization, observation), {
  minLength: 6,
  maxLength: 12,
  selector: (resource) => `${resource.resourceType}/${resource.id}`,
}) as fc.Arbitrary<Resource[]>;

const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&');
const prefix = fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');
const string = word.map(escaped);
const token = fc.oneof(
  code.map(escaped),
  fc.tuple(system, code).map(([of, value]) => `${of ?? ''}|${escaped(value)}`),
  fc.constant('http://a.org|'),
);
const dated = fc.tuple(prefix, date).map((parts) => parts.join(''));
const measured = fc
  .tuple(
    prefix,
    fc.constantFrom('1', '1.0', '100', '1e2', '0.5'),
    fc.constantFrom('', '||mg', '|http://unitsofmeasure.org|g', '|http://unitsofmeasure.org|mm[Hg]'),
  )
  .map((parts) => parts.join(''));
const reference = fc.oneof(
  id,
  fc.tuple(fc.constantFrom('Patient', 'Group'), id).map((parts) => parts.join('/')),
);
const flag = fc.constantFrom('true', 'false');

const criteria: Record<string, fc.Arbitrary<string>> = {
  'Patient?name': string,
  'Patient?name:exact': string,
  'Patient?name:contains': string,
  'Patient?family:missing': flag,
  'Patient?gender:not': fc.constantFrom('male', 'female'),
  'Patient?active': flag,
  'Patient?identifier': token,
  'Patient?birthdate': dated,
  'Patient?organization.name': string,
  'Patient?organization.partof.name:contains': string,
  'Patient?organization:missing': flag,
  'Patient?_has:Observation:patient:code': token,
  'Patient?_has:Observation:patient:_has:Observation:has-member:date': dated,
  'Patient?_id': id,
  'Patient?_text': fc.constantFrom('李四', 'Li', 'NOT li', 'lee OR 李四'),
  'Patient?_filter': fc.constantFrom(
    'name co "l" or active eq true',
    'not (gender eq male)',
    'birthdate po 2013-01',
  ),
  'Observation?code': token,
  'Observation?code:text': string,
  'Observation?code:not': token,
  'Observation?subject': reference,
  'Observation?patient': reference,
  'Observation?subject:Patient.name': string,
  'Observation?patient.organization.name': string,
  'Observation?patient.gender:not': fc.constantFrom('male', 'female'),
  'Observation?date': dated,
  'Observation?date:missing': flag,
  'Observation?value-quantity': measured,
  'Observation?component-code-value-quantity': fc.tuple(token, measured).map((parts) => parts.join('$')),
  'Observation?has-member.value-quantity': measured,
  'Observation?_content': fc.constantFrom('李四', 'slash', 'NOT 李四'),
  'Organization?name': string,
  'Organization?partof:below': id,
  'Organization?partof:above': id,
  'Organization?_has:Patient:organization:name': string,
};
const sorts: Record<string, string[]> = {
  Patient: ['family', 'birthdate', 'gender', '_id', '_lastUpdated', 'identifier'],
  Observation: ['date', 'code', 'value-quantity', 'subject', '_id'],
  Organization: ['name', 'partof', '_id'],
};

const search = fc.constantFrom('Patient', 'Observation', 'Organization').chain((type) => {
  const own = Object.entries(criteria).filter(([name]) => name.startsWith(`${type}?`));
  const criterion = fc.oneof(
    ...own.map(([name, value]) =>
      fc
        .array(value, { minLength: 1, maxLength: /_filter|_text|_content|missing/.test(name) ? 1 : 2 })
        .map((values) => `${name.slice(type.length + 1)}=${values.join(',')}`),
    ),
  );
  const sort = fc.uniqueArray(
    fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...sorts[type]!)).map((parts) => parts.join('')),
    { maxLength: 2, selector: (key) => key.replace('-', '') },
  );
  return fc
    .tuple(fc.array(criterion, { minLength: 1, maxLength: 2 }), sort)
    .map(
      ([parts, keys]) =>
        `${type}?${[...parts, ...(keys.length > 0 ? [`_sort=${keys.join(',')}`] : [])].join('&')}`,
    );
});

/** What the search finds among the resources, by the matcher, in its order. */
function expected(type: string, { filter, sort }: Search, resources: readonly Searchable[]): string[] {
  const others = {
    find: (of: string, target: string) => resources.find((each) => each.type === of && each.id === target),
    all: (of: string) => resources.filter((each) => each.type === of),
  };
  return resources
    .filter((each) => each.type === type && matches(filter, each, others))
    .map((each) => positionOf(each, sort))
    .sort((a, b) => comparePositions(a, b, sort))
    .map((position) => position.id);
}

describe.each(engines)('on %s', (_, newPlace) => {
  let place: Place;
  let store: Store;
  let known = new Set<string>();
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  /** Makes these the only resources of the store. */
  async function become(resources: readonly Searchable[]): Promise<void> {
    const now = new Map(resources.map((resource) => [`${resource.type}/${resource.id}`, resource]));
    await store.write(async (transaction) => {
      for (const key of new Set([...known, ...now.keys()])) {
        const [type, of] = key.split('/') as [string, string];
        const version = ((await transaction.read(type, of))?.version ?? 0) + 1;
        const resource = now.get(key);
        const next = resource
          ? aVersion({ type, id: of, version, updated: resource.updated }, resource.entries)
          : aDeletion({ type, id: of, version });
        await putAfterCurrent(transaction, next);
      }
    });
    known = new Set([...known, ...now.keys()]);
  }

  test('a search gives what the matcher gives', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(search, { minLength: 20, maxLength: 20 }),
        async (resources, searches) => {
          const all = resources.map((resource) => searchable(resource));
          await become(all);
          for (const each of searches) {
            const type = each.slice(0, each.indexOf('?'));
            const asked = readUnlessRefused(each);
            if (!asked) continue;
            const ids = expected(type, asked, all);
            found += ids.length;
            const { filter, sort } = asked;
            const matchesFound = await store.search({ type, filter, sort, limit: 100 });
            expect([each, matchesFound.map(({ version }) => version.id)]).toEqual([each, ids]);
            expect(await store.count(type, filter)).toBe(ids.length);
          }
        },
      ),
      { numRuns: 25 },
    );
    // Searches that find nothing prove nothing.
    expect(found).toBeGreaterThan(60);
  });
});

/** Some of the searches are refused, such as one for `%`, which is no letter. */
function readUnlessRefused(search: string): Search | undefined {
  try {
    return read(search);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
