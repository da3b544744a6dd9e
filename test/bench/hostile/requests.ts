import { loadedId } from '../population/bundles.ts';

/** A request that costs much, within all limits or beyond one of them. */
export interface HostileRequest {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Path and query below the base URL. */
  path: string;
  body?: { type: string; text: string };
}

const fhir = 'application/fhir+json';

const many = (count: number, of: (n: number) => string, between = ',') =>
  Array.from({ length: count }, (_, n) => of(n)).join(between);
const list = <T>(count: number, of: (n: number) => T) => Array.from({ length: count }, (_, n) => of(n));

const get = (name: string, path: string): HostileRequest => ({ name, method: 'GET', path });
const form = (name: string, type: string, text: string): HostileRequest => ({
  name,
  method: 'POST',
  path: `${type}/_search`,
  body: { type: 'application/x-www-form-urlencoded', text },
});
const post = (name: string, path: string, content: object | string): HostileRequest => ({
  name,
  method: 'POST',
  path,
  body: { type: fhir, text: typeof content === 'string' ? content : JSON.stringify(content) },
});
const bundle = (name: string, type: string, entry: object[]) =>
  post(name, '', { resourceType: 'Bundle', type, entry });

const back = '_has:Observation:patient:subject:Patient.';
const linked = (depth: number) => many(depth, () => 'link:Patient', '.');
const filter = (words: number, operator: string) =>
  encodeURIComponent(many(words, (n) => `address ${operator} "q${n}"`, ' or '));
const page = { request: { method: 'GET', url: 'Observation?_count=1000' } };

/** Beside these another client's read must not wait. */
export const fairnessRequests: readonly HostileRequest[] = [
  form('texts anywhere', 'Patient', `address:contains=${many(1_000, (n) => `zq${n}`)}`),
  form('many negations', 'Observation', `${many(190, (n) => `code:not=x${n}`, '&')}&_total=accurate`),
  form(
    'many dates',
    'Observation',
    `${many(190, (n) => `date=ne1990-01-${10 + (n % 20)}`, '&')}&_total=accurate`,
  ),
  get(
    'a filter of a thousand words',
    `Patient?_filter=${encodeURIComponent('not(')}${filter(400, 'co')})&_total=accurate`,
  ),
  get('there and back', `Patient?${back.repeat(2)}_has:Observation:patient:code:not=x,y&_total=accurate`),
  get('sorted by birth date', 'Patient?_sort=birthdate'),
  get('counted', 'Observation?_total=accurate'),
  bundle(
    'a transaction of conditional creates',
    'transaction',
    list(1_000, (n) => ({
      resource: { resourceType: 'Patient', name: [{ text: `zz${n}` }] },
      request: { method: 'POST', url: 'Patient', ifNoneExist: `address:contains=zz${n}` },
    })),
  ),
  post('a large Questionnaire', 'Questionnaire', {
    resourceType: 'Questionnaire',
    status: 'draft',
    item: list(100_000, (n) => ({ linkId: `l${n}`, text: 'q', type: 'string' })),
  }),
  post('a patient of many identifiers', 'Patient', {
    resourceType: 'Patient',
    identifier: list(150_000, (n) => ({ system: 'http://example.org', value: `v${n}` })),
  }),
  post('an Observation of many combinations', 'Observation', {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: list(3_000, (n) => ({ code: `c${n}` })) },
    component: list(3_000, (n) => ({
      code: { coding: [{ code: `c${n}` }] },
      valueCodeableConcept: { coding: [{ code: `v${n}` }] },
    })),
  }),
  post('brackets without end', 'Patient', '['.repeat(16_000_000)),
  bundle('a batch of large pages', 'batch', Array(1_000).fill(page)),
];

/** What is asked of the server beside these when its memory is looked at. */
export const furtherRequests: readonly HostileRequest[] = [
  form('codes by the thousand', 'Observation', `code=${many(1_000, (n) => `http://loinc.org|L${n}`)}`),
  form(
    'texts anywhere, ten times',
    'Patient',
    many(10, (k) => `address:contains=${many(1_000, (n) => `zq${k}x${n}`)}`, '&'),
  ),
  form(
    'filters, thirty-two times',
    'Patient',
    many(32, () => `_filter=${filter(400, 'co')}`, '&'),
  ),
  form(
    'chains nine deep, ten times',
    'Patient',
    many(10, (n) => `${linked(9)}.name:contains=${n}`, '&'),
  ),
  form(
    'combinations by the thousand',
    'Observation',
    many(20, () => `code-value-quantity=${many(1_000, (n) => `c${n}$gt${n}`)}`, '&'),
  ),
  form('missing dates', 'Observation', `${many(190, () => 'date:missing=true', '&')}&_total=accurate`),
  get('a chain ten deep', `Patient?${linked(9)}.name:contains=a&_total=accurate`),
  get(
    'there and back nine times',
    `Patient?${back.repeat(8)}_has:Observation:patient:code=L299&_total=accurate`,
  ),
  get('sorted by four keys', 'Patient?_sort=name,-birthdate,address,gender&_count=1000'),
  get('a large page', 'Observation?_count=1000'),
  get('a large page, laid out', 'Observation?_count=1000&_pretty=true'),
  get('a large page of elements', 'Observation?_count=1000&_elements=code'),
  get('a large page in XML', 'Observation?_count=1000&_format=xml'),
  get(
    'a page and all around it',
    'Observation?_count=1000&_include:iterate=*&_revinclude:iterate=Condition:*&_revinclude:iterate=Encounter:*',
  ),
  get('all of everybody', 'Patient/$everything?_count=1000'),
  get('the history of all', '_history?_count=1000'),
  get('what happened before anything did', '_history?_count=1000&_at=1990-01-01'),
  get(
    'contained and containing',
    'Patient?_contained=both&_containedType=contained&_total=accurate&_count=1000',
  ),
  bundle(
    'a transaction of conditional deletes',
    'transaction',
    list(1_000, (n) => ({ request: { method: 'DELETE', url: `Patient?address:contains=qq${n}` } })),
  ),
  bundle('a transaction of large pages', 'transaction', Array(100).fill(page)),
  bundle(
    'a batch of everything',
    'batch',
    Array(100).fill({ request: { method: 'GET', url: `Patient/${loadedId('Patient', 0, 0)}/$everything` } }),
  ),
  post('a large Questionnaire, validated', 'Questionnaire/$validate', {
    resourceType: 'Questionnaire',
    status: 'draft',
    item: list(100_000, (n) => ({ linkId: `l${n}`, type: 'string', text: 'a text that is rather long' })),
  }),
  post('a patient of mistakes', 'Patient/$validate', {
    resourceType: 'Patient',
    name: list(200_000, () => ({ x: 1 })),
  }),
  post('numbers without end', 'Patient', `{"resourceType":"Patient","x":[${'1e1,'.repeat(3_900_000)}1]}`),
  post(
    'a decimal without end',
    'Observation',
    `{"resourceType":"Observation","x":1${'0'.repeat(14_000_000)}}`,
  ),
  post('a text without end', 'Patient', {
    resourceType: 'Patient',
    name: [{ family: 'a b '.repeat(3_700_000) }],
  }),
  post('escapes without end', 'Patient', `{"resourceType":"Patient","id":"${'\\\\'.repeat(7_500_000)}"}`),
  post('a large Binary', 'Binary', {
    resourceType: 'Binary',
    contentType: 'application/octet-stream',
    data: 'A'.repeat(12_000_000),
  }),
  {
    name: 'a patch of copies',
    method: 'PATCH',
    path: `Patient/${loadedId('Patient', 1, 0)}`,
    body: {
      type: 'application/json-patch+json',
      text: JSON.stringify(list(1_000, () => ({ op: 'copy', from: '/name', path: '/name/0/extension' }))),
    },
  },
];
