import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { takenSteps, withTakenSteps } from '../../src/referral/workflow/taken-steps.ts';
import { onEachEngine } from '../environment/server.ts';
import { departmentAndSlots, slotParameter } from './appointments.ts';
import { errorsOf, example, newReferral, referring } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };

const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
const acceptance = parameters({ name: 'arrival-period', valuePeriod: { end: '2083-12-31' } });
const reason = (code: string) =>
  parameters({
    name: 'reason',
    valueCodeableConcept: {
      coding: [{ system: `${canonical}/CodeSystem/reject-reason`, code }],
      text: '说明',
    },
  });

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    await server.post('/', departmentAndSlots(1)).expect(200);
  });

  const step = (task: string, name: string, body: object, actor: Record<string, string>) =>
    server.post(`/Task/${task}/$${name}`, body).set(actor);
  const stateOf = ({ status, businessStatus }: Resource) =>
    `${status}:${(businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
  const extensionOf = (task: Resource, name: string) =>
    ((task.extension ?? []) as Element[]).find(({ url }) => String(url).endsWith(`/${name}`));

  let numbers = 0;
  /** A corrected copy of a referral on record: another number, and what is changed. */
  async function correctionOf(referral: string, changes: Partial<Resource> = {}): Promise<Resource> {
    const { id: _, meta: __, ...stored } = await read('ServiceRequest', referral);
    const [number] = stored.identifier as Element[];
    return {
      ...stored,
      status: 'active',
      identifier: [{ ...number, value: `CORRECTED-${numbers++}` }],
      replaces: [{ reference: `ServiceRequest/${referral}` }],
      ...changes,
    };
  }
  async function acceptedReferral(): Promise<{ task: string; referral: string }> {
    const { Task: task, ServiceRequest: referral } = await accepted(newReferral());
    await step(task!, 'accept', acceptance, hospital).expect(200);
    return { task: task!, referral: referral! };
  }
  const tasksOf = async (referral: string): Promise<string[]> => {
    const { body } = await server.get(`/Task?focus=ServiceRequest/${referral}`).expect(200);
    return (body.entry ?? []).map(({ resource }: { resource: Resource }) => resource.id);
  };

  describe('until it is answered, a referral', () => {
    test('is corrected by its sender, and by nobody else', async () => {
      const { ServiceRequest: referral } = await accepted(newReferral());
      const stored = await read('ServiceRequest', referral!);
      const corrected = { ...stored, patientInstruction: '请空腹' };
      await server.put(`/ServiceRequest/${referral}`, corrected).set(hospital).expect(403);
      await server.put(`/ServiceRequest/${referral}`, corrected).set(township).expect(200);
    });
  });

  describe('once it is accepted, a referral', () => {
    test('is corrected by a new one that replaces it: its Task goes on with that, as it was', async () => {
      const { task, referral } = await acceptedReferral();
      await server
        .post(
          '/Appointment/$book',
          parameters(slotParameter('slot-0'), {
            name: 'task',
            valueReference: { reference: `Task/${task}` },
          }),
        )
        .expect(200);
      const before = await read('Task', task);
      const correction = await correctionOf(referral, { patientInstruction: '请空腹', priority: 'routine' });
      const { body: replacing } = await server.post('/ServiceRequest', correction).set(township).expect(201);
      expect(replacing.status).toBe('active');
      expect((await read('ServiceRequest', referral)).status).toBe('revoked');

      const after = await read('Task', task);
      expect(takenSteps(after).map(({ step }) => step)).toEqual([
        ...takenSteps(before).map(({ step }) => step),
        'replace',
      ]);
      expect(withTakenSteps(after, [])).toEqual({
        ...withTakenSteps(before, []),
        meta: after.meta,
        focus: { reference: `ServiceRequest/${replacing.id}` },
      });
      expect([await tasksOf(referral), await tasksOf(replacing.id)]).toEqual([[], [task]]);
      expect(Number(after.meta!.versionId)).toBe(Number(before.meta!.versionId) + 1);
      const [{ valueReference }] = (after.output as { valueReference: { reference: string } }[]).filter(
        (each) => each.valueReference?.reference.startsWith('Appointment/'),
      ) as [{ valueReference: { reference: string } }];
      const appointment = await read('Appointment', valueReference.reference.split('/')[1]!);
      expect(appointment.basedOn).toEqual([{ reference: `ServiceRequest/${replacing.id}` }]);

      const arrival = parameters({ name: 'encounter', valueReference: { display: '就诊' } });
      await step(task, 'arrive', arrival, hospital).expect(200);
      await step(
        task,
        'complete',
        parameters({ name: 'feedback', valueReference: { display: '小结' } }),
        hospital,
      ).expect(200);
      expect((await read('ServiceRequest', replacing.id)).status).toBe('completed');
    });

    test('is so by a transaction as well, which may revoke the old one itself', async () => {
      const { task, referral } = await acceptedReferral();
      const old = { ...(await read('ServiceRequest', referral)), status: 'revoked' };
      const { body } = await server
        .post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            { resource: await correctionOf(referral), request: { method: 'POST', url: 'ServiceRequest' } },
            { resource: old, request: { method: 'PUT', url: `ServiceRequest/${referral}` } },
          ],
        })
        .set(township)
        .expect(200);
      const [created] = body.entry as [{ response: { location: string } }];
      expect(await tasksOf(/ServiceRequest\/([^/]+)/.exec(created.response.location)![1]!)).toEqual([task]);
    });

    test('is replaced by its sender only, for the same patient and parties, and without a second Task', async () => {
      const { task, referral } = await acceptedReferral();
      const before = await read('Task', task);
      const send = async (changes: Partial<Resource>, actor: Record<string, string>, status: number) =>
        errorsOf(
          (
            await server
              .post('/ServiceRequest', await correctionOf(referral, changes))
              .set(actor)
              .expect(status)
          ).body,
        );
      expect(await send({}, hospital, 403)).toEqual(['replace']);
      const elsewhere = { performer: [{ reference: 'Organization/linjiang-municipal-hospital' }] };
      expect(await send(elsewhere, township, 422)).toContain('replace');
      const { id: _, meta: __, ...second } = before;
      const refused = await server
        .post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              fullUrl: 'urn:uuid:8a1ec1b1-61ae-4e26-8d0d-07cbb5b0f2a1',
              resource: await correctionOf(referral),
              request: { method: 'POST', url: 'ServiceRequest' },
            },
            {
              resource: {
                ...second,
                status: 'requested',
                businessStatus: {
                  coding: [{ system: `${canonical}/CodeSystem/referral-business-status`, code: 'submitted' }],
                },
                focus: { reference: 'urn:uuid:8a1ec1b1-61ae-4e26-8d0d-07cbb5b0f2a1' },
              },
              request: { method: 'POST', url: 'Task' },
            },
          ],
        })
        .expect(422);
      expect(errorsOf(refused.body)).toContain('replace');
      expect(await read('Task', task)).toEqual(before);
      expect((await read('ServiceRequest', referral)).status).toBe('active');
    });

    test('is not replaced twice, nor once it has ended', async () => {
      const { task, referral } = await acceptedReferral();
      await server.post('/ServiceRequest', await correctionOf(referral)).expect(201);
      await server.post('/ServiceRequest', await correctionOf(referral)).expect(409);
      const [{ reference }] = [(await read('Task', task)).focus as { reference: string }];
      await step(task, 'cancel', reason('other'), township).expect(200);
      await server.post('/ServiceRequest', await correctionOf(reference.split('/')[1]!)).expect(409);
    });

    test('stays on hold while its patient is waited for', async () => {
      const { task, referral } = await acceptedReferral();
      await step(task, 'hold', reason('other'), hospital).expect(200);
      const { body } = await server.post('/ServiceRequest', await correctionOf(referral)).expect(201);
      expect(body.status).toBe('on-hold');
    });

    test('leaves what it owes to the one that replaces it', async () => {
      const bundle = newReferral('valid/11-unknown-emergency-patient');
      const { Task: task, ServiceRequest: referral } = await accepted(bundle);
      await server.post('/ServiceRequest', await correctionOf(referral!)).expect(201);
      const { body } = await server.get(`/Task?part-of=Task/${task}&code=supply-papers`).expect(200);
      const statuses = body.entry.map(({ resource }: { resource: Resource }) => resource.status);
      expect(statuses.sort()).toEqual(['cancelled', 'cancelled', 'ready', 'ready']);
    });
  });

  describe('once it is rejected, a referral', () => {
    async function rejected(): Promise<{ task: string; referral: string }> {
      const { Task: task, ServiceRequest: referral } = await accepted(newReferral());
      await step(task!, 'reject', reason('incomplete'), hospital).expect(200);
      return { task: task!, referral: referral! };
    }

    test('is asked for anew by one that replaces it, and the decision is no longer owed', async () => {
      const { task, referral } = await rejected();
      expect(extensionOf(await read('Task', task), 'waiting-for')).toBeDefined();
      const { body } = await server
        .post('/ServiceRequest', await correctionOf(referral))
        .set(township)
        .expect(201);
      const [next, ...others] = await tasksOf(body.id);
      expect(others).toEqual([]);
      const asked = await read('Task', next!);
      expect(stateOf(asked)).toBe('requested:submitted');
      expect(asked.groupIdentifier).toEqual((await read('Task', task)).groupIdentifier);
      expect(extensionOf(await read('Task', task), 'waiting-for')).toBeUndefined();
      expect((await read('ServiceRequest', referral)).status).toBe('revoked');
    });

    test('is given up by its sender, and the decision is no longer owed', async () => {
      const { task, referral } = await rejected();
      const revoked = { ...(await read('ServiceRequest', referral)), status: 'revoked' };
      await server.put(`/ServiceRequest/${referral}`, revoked).set(hospital).expect(403);
      await server.put(`/ServiceRequest/${referral}`, revoked).set(township).expect(200);
      expect(extensionOf(await read('Task', task), 'waiting-for')).toBeUndefined();
    });
  });
});
