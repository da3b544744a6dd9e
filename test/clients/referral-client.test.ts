import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Reference } from '@medplum/fhirtypes';
import { ReferralClient, Refusal } from '../../src/client/client.ts';
import { parameterTypes } from '../../src/client/steps.ts';
import { steps } from '../../src/referral/workflow/steps.ts';
import { example, newReferral, numberOf, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';

const township = 'Organization/qingshi-health-centre';
const hospital = 'Organization/yongan-county-hospital';
const asBundle = (bundle: ReturnType<typeof newReferral>) => bundle as unknown as Bundle;
const refusalOf = async (asked: Promise<unknown>): Promise<Refusal> => {
  const refusal = await asked.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);
  return refusal as Refusal;
};

onEachEngine((server) => {
  const as = (organization: string) => new ReferralClient({ base: server.base, organization });
  const aTask = async (): Promise<Reference> =>
    (await as(township).submit(asBundle(newReferral()))).task as Reference;
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('a referral is submitted once, however often it is sent', async () => {
    const bundle = asBundle(newReferral());
    const first = await as(township).submit(bundle);
    expect(first).toMatchObject({
      status: 'filed',
      referral: { reference: expect.stringMatching(/^ServiceRequest\//) },
    });
    expect(await as(township).submit(bundle)).toMatchObject({ status: 'repeated', task: first.task });
  });

  test('what a rule refuses is told with the rule, the place and both texts, before it is sent and after', async () => {
    const bundle = asBundle(newReferral('invalid/02-severe-hypertension-routine'));
    const found = await as(township).check(bundle);
    expect(found).toContainEqual(expect.objectContaining({ severity: 'error', rule: 'up-htn-urgent' }));

    const refusal = await refusalOf(as(township).submit(bundle));
    expect(refusal.rule).toBe('up-htn-urgent');
    expect(refusal.zh).toBe('血压≥180和/或110mmHg的上转不得为普通优先级,处理后紧急转诊');
    expect(refusal.en).toBe('BP >=180 and/or >=110: priority must be at least urgent');
    expect(refusal.findings[0]!.place).toMatch(/\.priority$/);
    expect(refusal.findings[0]!.diagnostics).toContain('186/100');
  });

  test('a receiver finds it on its worklist, answers it, and it is no longer there', async () => {
    const task = await aTask();
    const owed = async (organization: string) =>
      (await Array.fromAsync(as(organization).worklist())).map(({ id }) => `Task/${id}`);
    expect(await owed(hospital)).toContain(task.reference);

    await as(hospital).acknowledge(task);
    const end = '2083-01-05T12:00:00.000Z';
    const appointment = [{ display: '心血管内科门诊' }];
    const accepted = await as(hospital).accept(task, { arrivalPeriod: { end }, appointment });
    expect(accepted).toMatchObject({ status: 'accepted', restriction: { period: { end } } });
    expect(await owed(hospital)).not.toContain(task.reference);
    expect(await owed(township)).toContain(task.reference);
  });

  test('a step that is not due, or not for the one who takes it, is a refusal with both texts', async () => {
    const task = await aTask();
    const early = await refusalOf(as(hospital).complete(task, { feedback: [{ display: '出院小结' }] }));
    const foreign = await refusalOf(as(township).acknowledge(task));
    expect([early.rule, foreign.rule]).toEqual(['illegal', 'acknowledge']);
    for (const { zh, en } of [early, foreign]) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).toMatch(/^[\p{ASCII}]+$/u);
    }
  });

  test('the steps that can follow, and the history of the patient, can be asked for', async () => {
    const bundle = newReferral();
    const { task, referral } = await as(township).submit(asBundle(bundle));
    expect((await as(hospital).nextSteps(task!)).parameter).not.toHaveLength(0);
    const patient = the(bundle, 'Patient');
    const [{ system }] = patient.identifier as [{ system: string }];
    const history = await as(township).history(`${system}|${numberOf(patient)}`);
    expect(history.entry?.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)).toContain(
      referral.reference,
    );
  });

  test('who follows an organization is given each Task as it changes, once, in order', async () => {
    const task = await aTask();
    const { meta } = await as(hospital).fhir.readReference(task);
    const ending = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      const changes = as(hospital).follow({ since: meta!.lastUpdated, every: 1, signal: ending.signal });
      for await (const { id, status } of changes) {
        seen.push(`Task/${id} ${status}`);
        if (status === 'received') await as(hospital).reject(task, { reason: notIndicated });
        if (status === 'rejected') ending.abort();
      }
    })();
    await as(hospital).acknowledge(task);
    await expect(following).rejects.toThrow('aborted');
    expect(seen).toEqual([`${task.reference} received`, `${task.reference} rejected`]);
  });
});

const notIndicated = {
  coding: [{ system: 'https://w3id.org/zhuanzhen/CodeSystem/reject-reason', code: 'not-indicated' }],
  text: '不符合转诊指征',
};

describe('the client and the operations of the server', () => {
  const operations = [
    ...new Set(steps.flatMap(({ operation }) => (operation === undefined ? [] : [operation]))),
  ];

  test.each(operations)('%s takes the parameters that the client knows', (name) => {
    const text = readFileSync(
      new URL(`../../profiles/OperationDefinition-task-${name.slice(1)}.json`, import.meta.url),
      'utf8',
    );
    const { parameter } = JSON.parse(text) as { parameter: { name: string; use: string; type: string }[] };
    for (const each of parameter.filter(({ use }) => use === 'in'))
      expect(parameterTypes).toHaveProperty([each.name], each.type);
  });
});
