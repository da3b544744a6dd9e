import { isElement, isResource, type Resource } from '../../../src/fhir/resource.ts';
import { type Place, placesIn, put, remove } from './places.ts';

/** Changes a resource in place, at a place that `pick` chooses; gives what was done, or undefined where it has none to change. */
export type Mutation = (
  resource: Resource,
  pick: <T>(from: readonly T[]) => T | undefined,
) => string | undefined;

type Change = (place: Place) => void;

/** A mutation of one place among those that fit. */
function at(fits: (place: Place) => boolean, ...changes: Change[]): Mutation {
  return (resource, pick) => {
    const place = pick(placesIn(resource).filter(fits));
    const change = pick(changes);
    if (!place || !change) return undefined;
    change(place);
    return `${place.path} #${changes.indexOf(change) + 1}`;
  };
}

const to =
  (value: unknown): Change =>
  (place) =>
    put(place, value);
const isText = ({ value }: Place) => typeof value === 'string';
const named =
  (...names: string[]) =>
  ({ name }: Place) =>
    names.includes(name);
const day = /^\d{4}-\d\d-\d\d$/;
const moment = /^\d{4}-\d\d-\d\dT/;
const xhtml = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;
const quantityLike = ({ value }: Place) => isElement(value) && typeof value.value === 'number';
const coding = ({ value }: Place) =>
  isElement(value) &&
  typeof value.code === 'string' &&
  typeof value.system === 'string' &&
  value.value === undefined;
const change =
  (members: object): Change =>
  ({ value }) =>
    Object.assign(value as object, members);
const without =
  (...names: string[]): Change =>
  ({ value }) => {
    for (const name of names) delete (value as Record<string, unknown>)[name];
  };

/** The kinds of mistakes, by name. Each breaks something, or seems to: that is for validators to say. */
export const kinds: Readonly<Record<string, Mutation>> = {
  'member removed': at(
    ({ name, holder }) =>
      !(Array.isArray(holder) && holder.length === 1) && !['text', 'div', 'id'].includes(name),
    remove,
  ),
  'member of the resource removed': at(({ path }) => /^\w+\.\w+$/.test(path), remove),
  'unknown member': (resource, pick) => {
    const place = pick(placesIn(resource).filter(({ value }) => isElement(value)));
    const holder = (place?.value ?? resource) as Record<string, unknown>;
    holder[pick(['nonsense', '姓名', 'Name'])!] = 'x';
    return place?.path ?? resource.resourceType;
  },
  'text for an object': at(
    ({ value }) => isElement(value) && !isResource(value),
    to('x'),
    to(['x']),
    to(5),
    to(true),
  ),
  'object for a text': at(
    (place) => isText(place) && place.name !== 'div',
    to({ text: 'x' }),
    to(5),
    to(true),
    to(['x']),
  ),
  'number as text': at(
    ({ value }) => typeof value === 'number',
    (place) => put(place, String(place.value)),
    to(true),
  ),
  'boolean as text': at(
    ({ value }) => typeof value === 'boolean',
    (place) => put(place, String(place.value)),
    to(1),
  ),
  'list or not': at(
    ({ value, holder }) => Array.isArray(value) || !Array.isArray(holder),
    (place) => put(place, Array.isArray(place.value) ? place.value[0] : [place.value]),
  ),
  'null, empty list, empty text, empty object': at(
    ({ name }) => name !== 'div',
    to(null),
    to([]),
    to(''),
    to({}),
  ),
  'code that there is not': at(
    (place) =>
      isText(place) && named('status', 'intent', 'gender', 'use', 'priority', 'code', 'type', 'mode')(place),
    to('zzz'),
    to('两 个'),
    to(' x'),
  ),
  'coding changed': at(
    coding,
    change({ code: 'zzz' }),
    change({ system: 'http://example.org/other' }),
    change({ system: 'relative' }),
    without('system'),
    without('code'),
    change({ display: 'x' }),
  ),
  'concept emptied': at(
    ({ value }) => isElement(value) && Array.isArray(value.coding),
    without('coding'),
    change({ coding: [] }),
    (place) => put(place, { text: 'x' }),
  ),
  'unit changed': at(
    quantityLike,
    change({ system: 'http://unitsofmeasure.org', code: 'mmHg' }),
    change({ system: 'http://unitsofmeasure.org', code: 'foo' }),
    without('system'),
    without('code', 'system'),
    change({ value: 'x' }),
    change({ comparator: '<>' }),
  ),
  'date changed': at(
    ({ value }) => typeof value === 'string' && day.test(value),
    to('2024/01/02'),
    to('2024-13-01'),
    to('2024-02-30'),
    to('20240102'),
    to('2024-1-2'),
    to('2024'),
    to('2024-01-02T10:00:00Z'),
  ),
  'time changed': at(
    ({ value }) => typeof value === 'string' && moment.test(value),
    to('2024-01-02T10:00:00'),
    to('2024-01-02 10:00:00+08:00'),
    to('2024-01-02T25:00:00Z'),
    to('2024-01-02'),
    to('2024-01-02T10:00Z'),
    to('yesterday'),
  ),
  'reference changed': at(
    (place) => isText(place) && place.name === 'reference',
    to('Medication/1'),
    to('1'),
    to('Patient/ 1'),
    to('#nope'),
    to('Nonsense/1'),
    to('Patient/1'),
    to('http://example.org/fhir/Patient/1'),
    to('urn:uuid:not-one'),
  ),
  'type of a reference changed': at(
    ({ value }) => isElement(value) && typeof value.reference === 'string',
    change({ type: 'Medication' }),
    change({ type: 'Nonsense' }),
    without('reference'),
  ),
  'narrative changed': at(
    ({ value, name }) => name === 'text' && isElement(value) && typeof value.div === 'string',
    change({ div: xhtml('<script>x</script>') }),
    change({ div: xhtml('a&nbsp;b') }),
    change({ div: xhtml('<p>a') }),
    change({ div: xhtml('') }),
    change({ div: '<div>x</div>' }),
    change({ div: 'x' }),
    change({ div: xhtml('<a href="javascript:x()">x</a>') }),
    change({ div: xhtml('<p onclick="x()">x</p>') }),
    change({ div: xhtml('<img src="#nope" alt="x"/>') }),
    change({ div: xhtml('<a href="#nope">x</a>') }),
    change({ div: xhtml('a &lt; b &#169; c') }),
    change({ status: 'made-up' }),
    without('status'),
    without('div'),
  ),
  'id twice': (resource, pick) => {
    const places = placesIn(resource).filter(({ value }) => isElement(value) && !isResource(value));
    const [one, other] = [pick(places), pick(places)];
    if (!one || !other || one === other) return undefined;
    change({ id: 'twice' })(one);
    change({ id: 'twice' })(other);
    return `${one.path} and ${other.path}`;
  },
  'id of an element': at(
    ({ value }) => isElement(value) && !isResource(value),
    change({ id: 'with space' }),
    change({ id: 'fine' }),
  ),
  'id of the resource': at(
    ({ path }) => /^\w+\.id$/.test(path),
    to('with space'),
    to('x'.repeat(65)),
    to('中文'),
    to('a_b'),
    to('fine'),
  ),
  'extension added': at(
    ({ value }) => isElement(value) && !isResource(value),
    change({ extension: [{ url: 'http://example.org/unknown', valueString: 'x' }] }),
    change({ extension: [{ url: 'relative', valueString: 'x' }] }),
    change({ extension: [{ url: 'http://example.org/unknown' }] }),
    change({ extension: [{ valueString: 'x' }] }),
    change({
      extension: [
        { url: 'http://example.org/unknown', valueString: 'x', extension: [{ url: 'a', valueString: 'x' }] },
      ],
    }),
    change({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    }),
    change({
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'zzz' }],
    }),
    change({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueString: 'unknown' },
      ],
    }),
    change({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { text: 'x' } },
      ],
    }),
    change({ modifierExtension: [{ url: 'http://example.org/unknown', valueString: 'x' }] }),
  ),
  'extension changed': at(
    ({ value }) =>
      isElement(value) &&
      typeof value.url === 'string' &&
      Object.keys(value).some((name) => name.startsWith('value')),
    change({ valueBoolean: true }),
    change({ url: 'http://example.org/unknown' }),
    (place) => put(place, { url: (place.value as { url: string }).url }),
    (place) => put(place, { url: (place.value as { url: string }).url, valueDecimal: 1.5 }),
  ),
  'one more': at(
    ({ value }) => Array.isArray(value) && value.length > 0,
    ({ value }) => void (value as unknown[]).push(structuredClone((value as unknown[])[0])),
  ),
  'one less': at(({ holder }) => Array.isArray(holder) && holder.length > 1, remove),
  'two choices': at(
    ({ name, holder }) =>
      /^(?:value|effective|onset|deceased|occurrence|medication|multipleBirth)[A-Z]/.test(name) &&
      !Array.isArray(holder),
    ({ holder, name }) =>
      void Object.assign(holder, { [`${/^[a-z]+(?:[A-Z][a-z]+)??(?=[A-Z])/.exec(name)![0]}String`]: 'x' }),
  ),
  'number changed': at(({ value }) => typeof value === 'number', to(-1), to(1.5), to(3000000000), to(0)),
  'address changed': at(
    (place) =>
      isText(place) &&
      ['system', 'url', 'instantiatesCanonical', 'fullUrl', 'uri', 'profile'].includes(place.name),
    to('not absolute'),
    to('relative'),
    to('http://example.org/x'),
    to('urn:oid:1.2.x'),
    to('urn:uuid:0'),
  ),
  'period turned round': at(
    ({ value }) => isElement(value) && (typeof value.start === 'string' || typeof value.end === 'string'),
    change({ start: '2024-02-01', end: '2024-01-01' }),
    change({ start: '2024-02-01T10:00:00Z', end: '2024-02' }),
    change({ start: 'x' }),
  ),
  'range turned round': at(
    ({ value }) => isElement(value) && isElement(value.low) && isElement(value.high),
    ({ value }) => {
      const range = value as { low: unknown; high: unknown };
      Object.assign(range, { low: range.high, high: range.low });
    },
  ),
  'contact point changed': at(
    ({ value, name }) => name === 'telecom' && isElement(value),
    without('system'),
    change({ system: 'telephone' }),
    change({ rank: 0 }),
  ),
  'metadata changed': (resource, pick) => {
    const meta = pick<object>([
      { profile: ['http://example.org/StructureDefinition/unknown'] },
      { profile: ['relative'] },
      { profile: ['http://hl7.org/fhir/StructureDefinition/Medication'] },
      { lastUpdated: '2024-01-02' },
      { tag: [{ system: 'relative', code: 'x' }] },
      { versionId: 'a b' },
      { nonsense: 'x' },
    ])!;
    resource.meta = { ...resource.meta, ...meta };
    return JSON.stringify(meta);
  },
  'contained added': (resource, pick) => {
    const contained = pick<object>([
      { resourceType: 'Patient', id: 'orphan' },
      { resourceType: 'Patient' },
      { resourceType: 'Patient', id: '#x' },
      { resourceType: 'Nonsense', id: 'x' },
      { id: 'x' },
    ])!;
    if (resource.resourceType === 'Bundle') return undefined;
    resource.contained = [...((resource.contained as unknown[]) ?? []), contained];
    return JSON.stringify(contained);
  },
  'language changed': (resource, pick) => {
    resource.language = pick(['zh-CN', '中文', 'zz-ZZ', 'e n', 'Chinese'])!;
    return resource.language as string;
  },
};
