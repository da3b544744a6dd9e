import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, type ReferralBundle, referring, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const day = 86_400_000;
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };
const neighbour = { 'X-Acting-Organization': 'Organization/hekou-health-centre' };

const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
const arrival = parameters({ name: 'encounter', valueReference: { display: '就诊' } });
const feedback = parameters({ name: 'feedback', valueReference: { display: '出院小结' } });

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  const codeOf = (task: Resource) => (task.code as { coding: { code: string }[] }).coding[0]!.code;
  const periodEnd = (task: Resource) =>
    Date.parse((task.restriction as { period: { end: string } }).period.end);
  const step = (task: string, name: string, body: object, actor = hospital) =>
    server.post(`/Task/${task}/$${name}`, body).set(actor);
  async function found(query: string): Promise<Resource[]> {
    const { body } = await server.get(`/Task?${query}&_count=1000`).expect(200);
    return (body.entry ?? []).map(({ resource }: { resource: Resource }) => resource);
  }
  /** The duties that come from the Task of a referral. */
  const dutiesOf = (task: string) =>
    found(`part-of=Task/${task}&code=${canonical}/CodeSystem/referral-duty|`);
  /** Whether a Task is on the overdue list of the township once so many days have gone by. */
  async function isOverdueAfter(days: number, task: string): Promise<boolean> {
    const due = new Date(Date.now() + days * day).toISOString();
    const overdue = await found(`waiting-for=Organization/qingshi-health-centre&due=lt${due}`);
    return overdue.some(({ id }) => id === task);
  }

  describe('a follow-up', () => {
    async function completed(bundle: ReferralBundle): Promise<string> {
      const task = (await accepted(bundle)).Task!;
      await step(task, 'arrive', arrival).expect(200);
      await step(task, 'complete', feedback).expect(200);
      return task;
    }

    test('is owed by the sender within 14 days after an urgent referral, and on the overdue list until it is done', async () => {
      const task = await completed(newReferral('valid/02-hypertensive-emergency'));
      const [followUp, ...others] = await dutiesOf(task);
      expect(others).toEqual([]);
      expect(codeOf(followUp!)).toBe('follow-up');
      expect(followUp).toMatchObject({
        status: 'ready',
        owner: { reference: 'Organization/qingshi-health-centre' },
        requester: { reference: 'Organization/yongan-county-hospital' },
        basedOn: [(await read('Task', task)).focus],
        groupIdentifier: (await read('Task', task)).groupIdentifier,
      });
      expect(Math.abs(periodEnd(followUp!) - Date.now() - 14 * day)).toBeLessThan(60_000);
      const id = followUp!.id!;
      expect([await isOverdueAfter(13, id), await isOverdueAfter(15, id)]).toEqual([false, true]);
      const { body: outcome } = await server.post('/Task/$validate', followUp).expect(200);
      expect(outcome.issue.filter(({ severity }: Element) => severity === 'error')).toEqual([]);

      await server.delete(`/Task/${id}`).expect(409);
      const done = { ...followUp, status: 'completed' };
      await server.put(`/Task/${id}`, done).set(neighbour).expect(403);
      await server.put(`/Task/${id}`, done).set(township).expect(200);
      expect(await isOverdueAfter(15, id)).toBe(false);
    });

    test('is not owed after a routine referral that was treated', async () => {
      const { Task: task } = await accepted(newReferral());
      const period = { name: 'arrival-period', valuePeriod: { end: '2083-01-01' } };
      await step(task!, 'accept', parameters(period)).expect(200);
      await step(task!, 'arrive', arrival).expect(200);
      await step(task!, 'complete', feedback).expect(200);
      expect(await dutiesOf(task!)).toEqual([]);
    });

    test('can be asked for by a client as well, and moves with its period', async () => {
      const task = {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code: { coding: [{ system: `${canonical}/CodeSystem/referral-duty`, code: 'follow-up' }] },
        owner: { reference: 'Organization/qingshi-health-centre' },
        restriction: { period: { end: new Date(Date.now() + 2 * day).toISOString() } },
      };
      const { body } = await server.post('/Task', task).expect(201);
      expect([await isOverdueAfter(1, body.id), await isOverdueAfter(3, body.id)]).toEqual([false, true]);
      const restriction = { period: { end: new Date(Date.now() + 9 * day).toISOString() } };
      await server.put(`/Task/${body.id}`, { ...body, restriction }).expect(200);
      expect([await isOverdueAfter(3, body.id), await isOverdueAfter(10, body.id)]).toEqual([false, true]);
    });
  });

  describe('a patient who is returned', () => {
    /** Returns the patient of a new referral, with the example's papers, changed by `change`. */
    async function returned(
      change: (paper: Resource) => Partial<Resource> = () => ({}),
      name?: string,
    ): Promise<{ task: string; down: Resource }> {
      const { Task: task, Patient } = await accepted(newReferral(name));
      if (!name)
        await step(
          task!,
          'accept',
          parameters({ name: 'arrival-period', valuePeriod: { end: '2083-01-01' } }),
        ).expect(200);
      await step(task!, 'arrive', arrival).expect(200);
      const example09 = example('valid/09-down-for-rehabilitation');
      const paper = (type: string): Resource => {
        const found = the(example09, type);
        return {
          ...found,
          id: type.toLowerCase(),
          subject: { reference: `Patient/${Patient}` },
          ...change(found),
        };
      };
      const { supportingInfo: _, basedOn: __, encounter: ___, ...sent } = paper('ServiceRequest');
      const number = [{ ...(sent.identifier as Element[])[0], value: `DOWN-${task}` }];
      const body = parameters(
        {
          name: 'referral',
          resource: {
            ...sent,
            identifier: number,
            reasonReference: [{ reference: 'Condition/condition' }],
            performer: [{ reference: 'Organization/qingshi-health-centre' }],
          },
        },
        { name: 'feedback', valueReference: { display: '回转单' } },
        ...['Condition', 'CarePlan', 'MedicationRequest'].map((type) => ({
          name: 'resource',
          resource: paper(type),
        })),
      );
      await step(task!, 'return', body).expect(200);
      const chain = (await read('Task', task!)).groupIdentifier as Element;
      const [down] = (await found(`group-identifier=${chain.value}&status=requested`)).filter(
        (each) => codeOf(each) === 'fulfill',
      );
      return { task: task!, down: down! };
    }

    test('is the family doctor`s to know of, and the township has 24 hours to take the patient back', async () => {
      const { down } = await returned();
      const patient = await read('Patient', (down.for as { reference: string }).reference.split('/')[1]!);
      const recipients = (down.restriction as { recipient: { reference: string }[] }).recipient;
      const doctors = patient.generalPractitioner as { reference: string }[];
      expect(recipients.map(({ reference }) => reference)).toEqual(doctors.map(({ reference }) => reference));
      expect([await isOverdueAfter(0.99, down.id!), await isOverdueAfter(1.01, down.id!)]).toEqual([
        false,
        true,
      ]);
      await step(down.id!, 'acknowledge', { resourceType: 'Parameters' }, township).expect(200);
      expect([await isOverdueAfter(0.99, down.id!), await isOverdueAfter(1.01, down.id!)]).toEqual([
        false,
        true,
      ]);
    });

    test('is followed up as the plan of care schedules it, else within 14 days', async () => {
      const { task, down } = await returned();
      const [followUp, ...others] = await dutiesOf(task);
      expect(others).toEqual([]);
      expect((followUp!.focus as Element).reference).toMatch(/^CarePlan\//);
      expect(followUp!.description).toBe('脑梗死恢复期康复计划');
      expect(followUp!.restriction).toMatchObject({ recipient: (down.restriction as Element).recipient });
      expect(Math.abs(periodEnd(followUp!) - Date.now() - 14 * day)).toBeLessThan(60_000);

      const visits = ['2083-01-10T08:00:00.000Z', '2083-02-10T08:00:00.000Z'];
      const activity = visits.map((end) => ({
        detail: { status: 'scheduled', description: '家庭医生随访', scheduledPeriod: { end } },
      }));
      const planned = await returned(({ resourceType }) => (resourceType === 'CarePlan' ? { activity } : {}));
      const ends = (await dutiesOf(planned.task)).map((each) => new Date(periodEnd(each)).toISOString());
      expect(ends.sort()).toEqual(visits);
    });
  });

  describe('papers that may follow', () => {
    test('are owed by the sender as Tasks of their own, and each is done once it has come', async () => {
      const {
        Task: task,
        Patient,
        ServiceRequest,
      } = await accepted(newReferral('valid/11-unknown-emergency-patient'));
      const papers = await dutiesOf(task!);
      expect(papers.map(codeOf)).toEqual(['supply-papers', 'supply-papers']);
      for (const { id, description, owner } of papers) {
        expect(owner).toMatchObject({ reference: 'Organization/qingshi-health-centre' });
        expect(description).toMatch(/身份标识|知情同意/);
        expect([await isOverdueAfter(0.9, id!), await isOverdueAfter(1.1, id!)]).toEqual([false, true]);
      }
      const { body: outcome } = await server.post('/Task/$validate', papers[0]).expect(200);
      expect(outcome.issue.filter(({ severity }: Element) => severity === 'error')).toEqual([]);
      const open = async () =>
        (await dutiesOf(task!)).flatMap(({ status, description }) =>
          status === 'ready' ? [description] : [],
        );

      await server
        .put(`/Task/${papers[0]!.id}`, { ...papers[0], status: 'completed' })
        .set(township)
        .expect(409);
      const consent = the(newReferral(), 'Consent');
      const patient = { reference: `Patient/${Patient}` };
      await server.post('/Consent', { ...consent, patient }).expect(201);
      expect(await open()).toEqual([expect.stringContaining('身份标识')]);

      const stored = await read('Patient', Patient!);
      const known = the(newReferral(), 'Patient');
      await server.put(`/Patient/${Patient}`, { ...known, id: stored.id }).expect(200);
      expect(await open()).toEqual([]);
      const { body } = await server.get(
        `/DetectedIssue?implicated=ServiceRequest/${ServiceRequest}&code=owed`,
      );
      expect(body.entry ?? []).toEqual([]);
    });

    test('are no longer owed when the referral is cancelled', async () => {
      const { Task: task } = await accepted(newReferral('valid/11-unknown-emergency-patient'));
      const reason = parameters({ name: 'reason', valueCodeableConcept: { text: '患者已送他院' } });
      await step(task!, 'cancel', reason, township).expect(200);
      expect((await dutiesOf(task!)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    });
  });
});
