/** The README's tour with a client that was generated from /openapi.json as `api.d.ts`. Its argument is the base URL. */
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';

declare const process: { argv: string[]; stdout: { write(text: string): void } };

const client = createClient<paths>({
  baseUrl: process.argv[2]!,
  headers: { 'Content-Type': 'application/fhir+json' },
});

function expect(isRight: boolean, what: string): asserts isRight {
  if (!isRight) throw new Error(what);
}

const patient: components['schemas']['Patient'] = {
  resourceType: 'Patient',
  identifier: [{ system: 'http://example.org/tour', value: 'typescript' }],
  birthDate: '2020-03-01',
};
const created = await client.POST('/Patient', { body: patient });
expect(created.response.status === 201, 'it is created');
expect(created.data?.resourceType === 'Patient' && created.data.id !== undefined, 'a patient comes back');

const read = await client.GET('/Patient/{id}', { params: { path: { id: created.data.id } } });
expect(read.data?.id === created.data.id, 'it can be read');

const found = await client.GET('/Patient', {
  params: {
    query: {
      identifier: ['http://example.org/tour|typescript'],
      birthdate: ['ge2020', 'lt2021'],
      _count: 2,
    },
  },
});
const entries = (found.data as { entry?: { resource: { id: string } }[] }).entry ?? [];
expect(entries.length === 1 && entries[0]!.resource.id === created.data.id, 'it is found, and nothing else');

const none = await client.GET('/Patient', {
  params: {
    query: { identifier: ['http://example.org/tour|typescript'], birthdate: ['ge2020', 'lt2020-02'] },
  },
});
expect((none.data as { entry?: unknown[] }).entry === undefined, 'repeated parameters must all hold');

const history = await client.GET('/Patient/$referral-history', {
  params: { query: { identifier: 'http://example.org/tour|typescript' } },
});
expect((history.data as { type?: string }).type === 'searchset', 'its referrals are listed');

const wrong: components['schemas']['Patient'] = { resourceType: 'Patient', gender: 'male?' };
const judged = await client.POST('/Patient/$validate', { body: wrong });
const outcome = judged.data as { issue?: { severity: string }[] };
expect(outcome.issue?.[0]?.severity === 'error', 'what is wrong is told');

const refused = await client.POST('/Patient', { body: wrong });
expect(
  refused.response.status === 400 && refused.error?.resourceType === 'OperationOutcome',
  'it is refused',
);
process.stdout.write('toured\n');
