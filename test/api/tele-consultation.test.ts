import { beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { errorsOf, example, newReferral, referring } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const specialists = { 'X-Acting-Organization': 'Organization/linjiang-municipal-hospital' };

const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
const advice = (value: Element) => parameters({ name: 'advice', ...value });
const toCounty = { name: 'receiver', valueReference: { reference: 'Organization/yongan-county-hospital' } };
const uncontrolled = {
  name: 'indication',
  valueCodeableConcept: {
    coding: [{ system: `${canonical}/CodeSystem/referral-indication`, code: 'up-htn-uncontrolled' }],
  },
};

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  const step = (task: string, name: string, body: object, actor: Record<string, string>) =>
    server.post(`/Task/${task}/$${name}`, body).set(actor);
  const stateOf = ({ status, businessStatus }: Resource) =>
    `${status}:${(businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
  async function consulted(): Promise<{ task: string; consultation: string }> {
    const { Task: task, ServiceRequest: consultation } = await accepted(
      newReferral('valid/19-tele-consultation'),
    );
    return { task: task!, consultation: consultation! };
  }
  const focusOf = async (task: Resource) =>
    read('ServiceRequest', (task.focus as { reference: string }).reference.split('/')[1]!);

  test('ends in advice, which it cannot end without, and nobody is taken over by it', async () => {
    const { task, consultation } = await consulted();
    const nothing = { resourceType: 'Parameters' };
    const without = await step(task, 'complete', nothing, specialists).expect(422);
    expect(errorsOf(without.body)).toEqual(['task-feedback']);
    await step(task, 'complete', advice({ valueString: '加用利尿剂' }), township).expect(403);
    const { body } = await step(task, 'complete', advice({ valueString: '加用利尿剂' }), specialists).expect(
      200,
    );
    expect(stateOf(body)).toBe('completed:advised');
    expect(body.output).toMatchObject([
      { type: { coding: [{ code: 'consult-note' }] }, valueString: '加用利尿剂' },
    ]);
    expect((await read('ServiceRequest', consultation)).status).toBe('completed');
  });

  test('becomes a referral with what is known already, the advice among it', async () => {
    const { task, consultation } = await consulted();
    const note = {
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { title: '会诊意见' } }],
    };
    const { id } = (await server.post('/DocumentReference', note).expect(201)).body;
    const reference = `DocumentReference/${id}`;
    await step(task, 'complete', advice({ valueReference: { reference } }), specialists).expect(200);

    await step(task, 'refer', parameters(toCounty, uncontrolled), specialists).expect(403);
    const { body: next } = await step(task, 'refer', parameters(toCounty, uncontrolled), township).expect(
      200,
    );
    expect(stateOf(next)).toBe('requested:submitted');
    const [asked, referral] = [await read('ServiceRequest', consultation), await focusOf(next)];
    for (const member of ['subject', 'requester', 'reasonReference', 'encounter', 'code'])
      expect([member, referral[member]]).toEqual([member, asked[member]]);
    expect(referral).toMatchObject({
      basedOn: [{ reference: `ServiceRequest/${consultation}` }],
      supportingInfo: [...(asked.supportingInfo as Element[]), { reference }],
      performer: [toCounty.valueReference],
      reasonCode: [uncontrolled.valueCodeableConcept],
    });
    expect(JSON.stringify(referral.category)).not.toContain('tele-consult');
    expect(next.groupIdentifier).toEqual((await read('Task', task)).groupIdentifier);
    expect(stateOf(await read('Task', task))).toBe('completed:advised');
    await step(task, 'refer', parameters(toCounty, uncontrolled), township).expect(409);
  });

  test('becomes one by the resources of a client that knows no operation as well', async () => {
    const { task, consultation } = await consulted();
    const { id: _, meta: __, ...asked } = await read('ServiceRequest', consultation);
    const [direction] = asked.category as Element[];
    const referral = {
      ...asked,
      category: [direction],
      identifier: [{ ...(asked.identifier as Element[])[0], value: `REFERRED-${task}` }],
      performer: [toCounty.valueReference],
      reasonCode: [uncontrolled.valueCodeableConcept],
      basedOn: [{ reference: `ServiceRequest/${consultation}` }],
    };
    const referred = {
      ...(await read('Task', task)),
      status: 'completed',
      businessStatus: {
        coding: [{ system: `${canonical}/CodeSystem/referral-business-status`, code: 'referred' }],
      },
    };
    await server.put(`/Task/${task}`, referred).set(township).expect(422);
    await server
      .post('/', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          { resource: referral, request: { method: 'POST', url: 'ServiceRequest' } },
          { resource: referred, request: { method: 'PUT', url: `Task/${task}` } },
        ],
      })
      .set(township)
      .expect(200);
    expect(stateOf(await read('Task', task))).toBe('completed:referred');
  });

  test('is not held to what makes no sense for it, but the referral made from it is', async () => {
    const { task } = await consulted();
    const { body } = await step(task, 'refer', { resourceType: 'Parameters' }, township).expect(422);
    expect(errorsOf(body).sort()).toEqual(['up-lead-first', 'up-own-level']);
    expect(stateOf(await read('Task', task))).toBe('requested:submitted');
  });

  test('is no way to treat a patient, nor is a referral one to be advised on', async () => {
    const { task } = await consulted();
    await step(task, 'acknowledge', { resourceType: 'Parameters' }, specialists).expect(200);
    const arrived = parameters({ name: 'encounter', valueReference: { display: '视频会诊' } });
    const accepted200 = parameters(
      { name: 'department', valueString: '心血管内科' },
      { name: 'liaison', valueString: '高远' },
      { name: 'arrival-period', valuePeriod: { end: '2083-01-01' } },
    );
    await step(task, 'accept', accepted200, specialists).expect(200);
    await step(task, 'arrive', arrived, specialists).expect(200);
    const treated = parameters({ name: 'feedback', valueReference: { display: '小结' } });
    await step(task, 'complete', treated, specialists).expect(422);
    await step(task, 'complete', advice({ valueString: '无须转诊' }), specialists).expect(200);

    const { Task: plain } = await accepted(newReferral());
    await step(plain!, 'refer', parameters(toCounty), township).expect(409);
  });
});
