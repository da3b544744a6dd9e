import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient, type MedplumClientOptions, OperationOutcomeError } from '@medplum/core';
import type { Bundle, Observation, Patient } from '@medplum/fhirtypes';
import { onEachEngine } from '../environment/server.ts';

/** MedplumClient (https://www.medplum.com/docs/sdk/core.medplumclient), as the console and other vendors use it. */
onEachEngine((server) => {
  let client: MedplumClient;
  beforeAll(() => {
    const { origin, pathname } = new URL(server.base);
    const options: MedplumClientOptions = {
      baseUrl: `${origin}/`,
      fhirUrlPath: pathname.slice(1),
      fetch: globalThis.fetch,
      // What is read has to come from the server.
      cacheTime: 0,
    };
    client = new MedplumClient(options);
  });
  afterAll(() => client.invalidateAll());

  const system = 'http://example.org/medplum';
  const patient = (value: string): Patient => ({
    resourceType: 'Patient',
    identifier: [{ system, value }],
    name: [{ text: '王秀兰' }],
    birthDate: '1956-11-08',
  });

  test('creates, reads, updates and deletes', async () => {
    const created = await client.createResource(patient('life'));
    expect(created.meta?.versionId).toBe('1');
    expect(await client.readResource('Patient', created.id)).toEqual(created);

    const updated = await client.updateResource({ ...created, gender: 'female' });
    expect(updated).toMatchObject({ id: created.id, gender: 'female', meta: { versionId: '2' } });
    expect(await client.readReference({ reference: `Patient/${created.id}` })).toEqual(updated);

    await client.deleteResource('Patient', created.id);
    await expect(client.readResource('Patient', created.id)).rejects.toBeInstanceOf(OperationOutcomeError);
  });

  test('creates only once what there is by a condition, and upserts by one', async () => {
    const first = await client.createResourceIfNoneExist(patient('once'), `identifier=${system}|once`);
    const second = await client.createResourceIfNoneExist(patient('once'), `identifier=${system}|once`);
    expect(second.id).toBe(first.id);

    const upserted = await client.upsertResource(
      { ...patient('once'), gender: 'female' },
      { identifier: `${system}|once` },
    );
    expect(upserted).toMatchObject({ id: first.id, gender: 'female' });
  });

  test('searches: one, many, by values of all kinds, page by page, with a total and with what is included', async () => {
    const owner = await client.createResource(patient('searched'));
    for (const value of [36.5, 37.5, 38.5]) {
      await client.createResource<Observation>({
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
        subject: { reference: `Patient/${owner.id}` },
        effectiveDateTime: '2026-11-20T08:00:00+08:00',
        valueQuantity: { value, unit: '℃', system: 'http://unitsofmeasure.org', code: 'Cel' },
      });
    }
    const subject = `Patient/${owner.id}`;
    expect(await client.searchOne('Patient', { identifier: `${system}|searched` })).toEqual(owner);
    expect(await client.searchResources('Observation', { subject, 'value-quantity': 'gt37' })).toHaveLength(
      2,
    );
    expect(
      await client.searchResources('Observation', `subject=${subject}&_sort=-value-quantity`),
    ).toHaveLength(3);

    const bundle = await client.search('Observation', { subject, _total: 'accurate', _count: 1 });
    expect(bundle.total).toBe(3);
    const withPatient = await client.search('Observation', { subject, _include: 'Observation:subject' });
    expect(withPatient.entry?.map(({ search }) => search?.mode)).toContain('include');

    const pages: number[] = [];
    for await (const page of client.searchResourcePages('Observation', { subject, _count: 2 }))
      pages.push(page.length);
    expect(pages).toEqual([2, 1]);
  });

  test('patches, and reads the history and a version of it', async () => {
    const { id } = await client.createResource(patient('patched'));
    const patched = await client.patchResource('Patient', id, [
      { op: 'add', path: '/gender', value: 'female' },
    ]);
    expect(patched.gender).toBe('female');

    const history = await client.readHistory('Patient', id);
    expect(history.entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(['2', '1']);
    expect(await client.readVersion('Patient', id, '1')).not.toHaveProperty('gender');
  });

  test('sends batches and transactions, and everything of a patient', async () => {
    const fullUrl = 'urn:uuid:0c3a4d4e-30a0-4a49-a6a4-4e1c1c1c0001';
    const bundle = (type: 'batch' | 'transaction', value: string): Bundle => ({
      resourceType: 'Bundle',
      type,
      entry: [
        { fullUrl, resource: patient(value), request: { method: 'POST', url: 'Patient' } },
        ...(type === 'batch'
          ? [{ request: { method: 'GET', url: 'Patient/there-is-none' } as const }]
          : [
              {
                resource: {
                  resourceType: 'Basic' as const,
                  code: { text: '备注' },
                  subject: { reference: fullUrl },
                },
                request: { method: 'POST' as const, url: 'Basic' },
              },
            ]),
      ],
    });
    const batch = await client.executeBatch(bundle('batch', 'batch'));
    expect(batch.entry?.map(({ response }) => response?.status)).toEqual(['201', '404']);
    const transaction = await client.executeBatch(bundle('transaction', 'transaction'));
    expect(transaction.entry?.map(({ response }) => response?.status)).toEqual(['201', '201']);

    const owner = await client.searchOne('Patient', { identifier: `${system}|transaction` });
    const everything = await client.readPatientEverything(owner!.id);
    expect(everything.entry?.map(({ resource }) => resource?.resourceType).sort()).toEqual([
      'Basic',
      'Patient',
    ]);
  });

  test('batches reads that come at one time by itself', async () => {
    const { id } = await client.createResource(patient('batched'));
    const batching = new MedplumClient({
      baseUrl: `${new URL(server.base).origin}/`,
      fhirUrlPath: new URL(server.base).pathname.slice(1),
      fetch: globalThis.fetch,
      cacheTime: 0,
      autoBatchTime: 1,
    });
    const [one, other] = await Promise.all([
      batching.readResource('Patient', id),
      batching.searchOne('Patient', { identifier: `${system}|batched` }),
    ]);
    expect(other).toEqual(one);
  });

  test('knows what is wrong with what it sent, in its own error', async () => {
    const wrong = { ...patient('wrong'), gender: '女' } as unknown as Patient;
    const error = await client.createResource(wrong).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(OperationOutcomeError);
    expect((error as OperationOutcomeError).message).toContain('male, female, other, unknown');
    const outcome = await client.validateResource(patient('valid'));
    expect(outcome.issue.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('reads definitions by their canonical URLs', async () => {
    const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
    expect(await client.readCanonical('ValueSet', gender)).toMatchObject({ url: gender });
    const profile = 'https://w3id.org/zhuanzhen/StructureDefinition/up-referral';
    expect(await client.searchOne('StructureDefinition', { url: profile })).toMatchObject({ url: profile });
  });
});
