import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  bloodPressure,
  community,
  diagnosis,
  patient,
  referral,
  task,
} from '../../../test/environment/community.ts';
import { memoryReader } from '../../../test/environment/memory-reader.ts';
import { loadDefinitions } from '../../fhir/definitions/definitions.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { createSearchParameters, type SearchParameters } from '../../fhir/search/parameters.ts';
import type { Server } from '../../interactions/server.ts';
import type { Store } from '../../store/store.ts';
import { referralHistory } from './history.ts';

const base = 'http://localhost/fhir';
const id = 'urn:oid:2.16.156.10011.1.3|11010519491231002X';
const direction = 'https://w3id.org/zhuanzhen/CodeSystem/referral-direction';

let parameters: SearchParameters;

beforeAll(() => {
  parameters = createSearchParameters(loadDefinitions(['profiles', 'terminology']));
});

const cursor = {
  seal: (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url'),
  open: (token: string) =>
    token === 'forged' ? null : (JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown),
};

interface Searchset {
  total?: number;
  link: { relation: string; url: string }[];
  entry?: { fullUrl: string; resource: Resource; search: { mode: string } }[];
}

async function ask(query: string, given: readonly Resource[] = records, patientId?: string) {
  const asked = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query))
    asked.set(name, [...(asked.get(name) ?? []), value]);
  const store = memoryReader(given, parameters) as unknown as Store;
  const answer = await referralHistory.run(
    {
      store,
      type: 'Patient',
      ...(patientId && { id: patientId }),
      parameters: asked,
      base,
      cursor,
    },
    { store, parameters, limits: { maxAnswerBytes: 1_000_000 } } as unknown as Server,
  );
  return JSON.parse((answer as { json: string }).json) as Searchset;
}

const paths = ({ entry = [] }: Searchset, mode: string) =>
  entry
    .filter(({ search }) => search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`);

/** Three referrals: up in January, down in February, up in March, which is rejected. */
const records: readonly Resource[] = [
  ...community,
  patient,
  diagnosis,
  referral({ id: 'january', authoredOn: '2026-01-10T09:00:00+08:00', status: 'completed' }),
  task({ id: 'january-task', focus: { reference: 'ServiceRequest/january' }, status: 'completed' }),
  referral({
    id: 'february',
    authoredOn: '2026-02-10T09:00:00+08:00',
    category: [{ coding: [{ system: direction, code: 'down' }] }],
  }),
  referral({ id: 'march', authoredOn: '2026-03-10T09:00:00+08:00' }),
  task({
    id: 'march-task',
    focus: { reference: 'ServiceRequest/march' },
    status: 'rejected',
    output: [{ type: { text: 'feedback' }, valueReference: { reference: 'DocumentReference/letter' } }],
  }),
  { resourceType: 'DocumentReference', id: 'letter', status: 'current' },
  {
    resourceType: 'DetectedIssue',
    id: 'warning',
    status: 'final',
    implicated: [{ reference: 'ServiceRequest/march' }],
  },
  bloodPressure('bp', 150, 95),
  { ...referral({ id: 'others' }), subject: { reference: 'Patient/other' } },
  {
    resourceType: 'ServiceRequest',
    id: 'lab',
    subject: { reference: 'Patient/pt' },
    authoredOn: '2026-03-11',
  },
];

describe('the referral history of a patient', () => {
  test('is newest first, and only referrals', async () => {
    const bundle = await ask(`identifier=${id}`);
    expect(paths(bundle, 'match')).toEqual([
      'ServiceRequest/march',
      'ServiceRequest/february',
      'ServiceRequest/january',
    ]);
    expect(bundle.total).toBe(3);
    expect(bundle.link).toEqual([
      { relation: 'self', url: `${base}/Patient/$referral-history?identifier=${encodeURIComponent(id)}` },
    ]);
  });

  test('brings tasks, patient, organizations, diagnoses, feedback and warnings, each once', async () => {
    expect(paths(await ask(`identifier=${id}`), 'include').sort()).toEqual([
      'Condition/dx',
      'DetectedIssue/warning',
      'DocumentReference/letter',
      'Organization/lead',
      'Organization/township',
      'Patient/pt',
      'PractitionerRole/dr-wang',
      'Task/january-task',
      'Task/march-task',
    ]);
  });

  test.each([
    ['start=2026-02-10', ['march', 'february']],
    ['end=2026-02-10', ['february', 'january']],
    ['start=2026-01&end=2026-01', ['january']],
    ['start=2027', []],
    ['direction=down', ['february']],
    ['direction=lateral', []],
    ['status=rejected', ['march']],
    ['status=active', ['march', 'february']],
    ['status=completed', ['january']],
    ['status=completed,rejected', ['march', 'january']],
  ])('%s gives %j', async (condition, expected) => {
    const bundle = await ask(`identifier=${id}&${condition}`);
    expect(paths(bundle, 'match')).toEqual(expected.map((each) => `ServiceRequest/${each}`));
  });

  test('is paged: the next link leads on, and the last page has none', async () => {
    const first = await ask(`identifier=${id}&_count=2`);
    expect(paths(first, 'match')).toEqual(['ServiceRequest/march', 'ServiceRequest/february']);
    expect(first.total).toBeUndefined();
    const next = new URL(first.link.find(({ relation }) => relation === 'next')!.url);
    const last = await ask(next.search.slice(1));
    expect(paths(last, 'match')).toEqual(['ServiceRequest/january']);
    expect(last.link.map(({ relation }) => relation)).toEqual(['self']);
  });

  test('can be asked of a patient by id', async () => {
    const bundle = await ask('_count=1', records, 'pt');
    expect(paths(bundle, 'match')).toEqual(['ServiceRequest/march']);
    expect(bundle.link[1]!.url).toMatch(/\/Patient\/pt\/\$referral-history\?_count=1&_cursor=/);
  });

  test('is empty for an identifier that nobody has', async () => {
    const bundle = await ask('identifier=urn:oid:2.16.156.10011.1.3|none');
    expect(bundle.entry).toBeUndefined();
    expect(bundle.total).toBe(0);
  });
});

describe('a question that cannot be answered is refused, and the refusal names the parameter', () => {
  test.each([
    ['', 'identifier', 400],
    ['identifier=urn:oid:1|', 'identifier', 400],
    [`identifier=${id}&start=yesterday`, 'start', 400],
    [`identifier=${id}&start=2026-03&end=2026-02`, 'end', 400],
    [`identifier=${id}&direction=sideways`, 'direction', 400],
    [`identifier=${id}&status=lost`, 'status', 400],
    [`identifier=${id}&_count=0`, '_count', 400],
    [`identifier=${id}&_count=1&_count=2`, '_count', 400],
    [`identifier=${id}&colour=red`, 'colour', 400],
    [`identifier=${id}&_cursor=forged`, '_cursor', 400],
  ])('%s', async (query, name, status) => {
    const refusal = await ask(query).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status });
    expect((refusal as Refusal).message).toContain(name);
  });

  test('a patient that does not exist', async () => {
    const refusal = await ask('', records, 'nobody').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 404 });
  });
});
