import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { departmentAndSlots, extension, newSlot, slotParameter } from './appointments.ts';
import { errorsOf, example, newReferral, referring } from './referrals.ts';

const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const reception = 'HealthcareService/yongan-referral-reception';
const emergency = 'HealthcareService/yongan-emergency';
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
const arrivalPeriod = {
  name: 'arrival-period',
  valuePeriod: { end: new Date(Date.now() + 5 * 86_400_000).toISOString() },
};

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    await server.post('/', departmentAndSlots()).expect(200);
  });

  const said = (task: Resource, name: string) => {
    const found = ((task.extension ?? []) as Element[]).find(({ url }) => url === extension(name));
    return (found?.valueReference as Element | undefined)?.reference;
  };
  const receptionIs = async (hours: object) => {
    const [, id] = reception.split('/');
    const { notAvailable: _, ...service } = await read('HealthcareService', id!);
    await server.put(`/${reception}`, { ...service, ...hours }).expect(200);
  };
  const open = () => receptionIs({ availableTime: [{ daysOfWeek: everyDay, allDay: true }] });
  const closed = () =>
    receptionIs({
      notAvailable: [{ description: '迁址', during: { start: '2020-01-01', end: '2090-01-01' } }],
    });
  const submitted = async (name?: string): Promise<Resource> => {
    const { Task } = await accepted(newReferral(name));
    return read('Task', Task!);
  };

  describe('who receives the patient', () => {
    test('is the reception while it is open, and the emergency department outside its hours', async () => {
      await open();
      expect(said(await submitted(), 'reception')).toBe(reception);
      await closed();
      expect(said(await submitted(), 'reception')).toBe(emergency);
    });

    test('is the emergency department for a stat referral, whatever the hour', async () => {
      await open();
      expect(said(await submitted('valid/02-hypertensive-emergency'), 'reception')).toBe(emergency);
    });

    test('is noted for a referral that came without a Task as well', async () => {
      await open();
      const { ServiceRequest: referral } = await accepted(newReferral('valid/12-without-a-task'));
      const { body } = await server.get(`/Task?focus=ServiceRequest/${referral}`).expect(200);
      expect(said(body.entry[0].resource, 'reception')).toBe(reception);
    });

    test('is the server`s to say, and stays through the steps', async () => {
      await open();
      const { Task: task } = await accepted(newReferral());
      await closed();
      const before = await read('Task', task!);
      const others = (before.extension as Element[]).filter(({ url }) => url !== extension('reception'));
      const elsewhere = { url: extension('reception'), valueReference: { reference: emergency } };
      for (const extensions of [others, [...others, elsewhere]]) {
        const { body } = await server.put(`/Task/${task}`, { ...before, extension: extensions }).expect(200);
        expect(said(body, 'reception')).toBe(reception);
      }
      const { body } = await server.post(`/Task/${task}/$acknowledge`).set(hospital).expect(200);
      expect(said(body, 'reception')).toBe(reception);
    });

    test('is another when the referral goes to another institution', async () => {
      const { Task: task } = await accepted(newReferral());
      const { body } = await server
        .post(
          `/Task/${task}/$redirect`,
          parameters(
            { name: 'receiver', valueReference: { reference: 'Organization/linjiang-municipal-hospital' } },
            { name: 'reason', valueCodeableConcept: { text: '本院无床位' } },
          ),
        )
        .set(hospital)
        .expect(200);
      expect(said(body, 'reception')).not.toBe(reception);
    });
  });

  describe('what is proposed at $accept', () => {
    const accept = (task: string, ...given: Element[]) =>
      server.post(`/Task/${task}/$accept`, parameters(arrivalPeriod, ...given)).set(hospital);

    test('is the department of the specialty that is asked for, and its liaison', async () => {
      const { Task: task } = await accepted(newReferral());
      const { body } = await accept(task!).expect(200);
      expect(said(body, 'receiving-department')).toBe('HealthcareService/yongan-cardiology');
      expect(said(body, 'liaison')).toBe('PractitionerRole/li-hui-yongan');
    });

    test('is nothing that the receiver says itself', async () => {
      const { Task: task } = await accepted(newReferral());
      const { body } = await accept(
        task!,
        { name: 'department', valueReference: { reference: 'HealthcareService/yongan-neurology' } },
        { name: 'liaison', valueReference: { reference: 'PractitionerRole/zhou-hang-yongan' } },
      ).expect(200);
      expect(said(body, 'receiving-department')).toBe('HealthcareService/yongan-neurology');
      expect(said(body, 'liaison')).toBe('PractitionerRole/zhou-hang-yongan');
    });

    test('is no liaison where the department has none in office: then a person must be named', async () => {
      const { Task: task } = await accepted(newReferral('valid/03-stroke-within-window'));
      const { body } = await accept(task!).expect(422);
      expect(errorsOf(body)).toEqual(['task-liaison']);

      const { Task: other } = await accepted(newReferral());
      const role = await read('PractitionerRole', 'li-hui-yongan');
      await server
        .put('/PractitionerRole/li-hui-yongan', { ...role, period: { end: '2026-02-01' } })
        .expect(200);
      await accept(other!).expect(422);
      await server.put('/PractitionerRole/li-hui-yongan', role).expect(200);
      await accept(other!).expect(200);
    });

    test('is the appointment that was booked before: the Task is scheduled at once', async () => {
      const { Task: task } = await accepted(newReferral());
      const { body: slot } = await server.post('/Slot', newSlot()).expect(201);
      const { body: appointment } = await server
        .post(
          '/Appointment/$book',
          parameters(slotParameter(slot.id), { name: 'task', valueReference: { reference: `Task/${task}` } }),
        )
        .set(township)
        .expect(200);
      expect((await read('Task', task!)).status).toBe('requested');
      const { body } = await accept(task!).expect(200);
      expect(body).toMatchObject({
        status: 'accepted',
        businessStatus: { coding: [{ code: 'scheduled' }] },
        output: expect.arrayContaining([
          expect.objectContaining({ valueReference: { reference: `Appointment/${appointment.id}` } }),
        ]),
      });
      expect(said(body, 'waiting-for')).toBe('Organization/qingshi-health-centre');
    });
  });
});
