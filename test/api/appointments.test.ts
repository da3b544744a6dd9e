import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { department, departmentAndSlots, extension, newSlot, slotParameter } from './appointments.ts';
import { example, newReferral, referring } from './referrals.ts';

const hour = 3_600_000;
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };
const neighbour = { 'X-Acting-Organization': 'Organization/hekou-health-centre' };
const familyDoctor = { ...township, 'X-Acting-Roles': 'family-doctor' };

const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
const reason = { name: 'reason', valueCodeableConcept: { text: '患者临时有事' } };
const patient = { name: 'patient', valueReference: { display: '张三' } };
const acceptance = parameters(
  { name: 'department', valueReference: { reference: department } },
  { name: 'liaison', valueReference: { reference: 'PractitionerRole/li-hui-yongan' } },
  { name: 'arrival-period', valuePeriod: { end: new Date(Date.now() + 30 * 24 * hour).toISOString() } },
);

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    await server.post('/', departmentAndSlots()).expect(200);
  });

  const make = async (resource: Resource): Promise<Resource> =>
    (await server.post(`/${resource.resourceType}`, resource).expect(201)).body;
  const aSlot = async (changes: Partial<Resource> = {}): Promise<string> =>
    (await make(newSlot(changes))).id!;
  const statusOf = async (slot: string) => (await read('Slot', slot)).status;
  const book = (...given: Element[]) => server.post('/Appointment/$book', parameters(...given));
  const booked = async (slot: string): Promise<Resource> =>
    (await book(slotParameter(slot), patient).expect(200)).body;
  const appointmentFor = (slot: string, changes: Partial<Resource> = {}): Resource => ({
    resourceType: 'Appointment',
    status: 'booked',
    start: '2083-03-01T08:00:00+08:00',
    end: '2083-03-01T08:15:00+08:00',
    slot: [{ reference: `Slot/${slot}` }],
    participant: [{ actor: { reference: department }, status: 'accepted' }],
    ...changes,
  });

  /** A Task that was accepted and waits for its appointment, and its referral. */
  async function waiting(name?: string): Promise<{ task: string; referral: string }> {
    const { Task: task, ServiceRequest: referral } = await accepted(newReferral(name));
    await server.post(`/Task/${task}/$accept`, acceptance).set(hospital).expect(200);
    return { task: task!, referral: referral! };
  }
  const stateOf = ({ status, businessStatus }: Resource) =>
    `${status}:${(businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
  const owed = (task: Resource) => {
    const all = task.extension as Element[];
    const value = (name: string) => all.find(({ url }) => url === extension(name));
    return {
      by: (value('waiting-for')?.valueReference as Element | undefined)?.reference,
      until: value('due')?.valueDateTime,
    };
  };
  const appointments = (task: Resource) =>
    ((task.output ?? []) as Element[]).flatMap(
      ({ valueReference }) => (valueReference as Element | undefined)?.reference ?? [],
    );

  describe('free slots', () => {
    const found = async (query: string, actor: Record<string, string> = {}) => {
      const { body } = await server.get(`/Appointment/$find?${query}`).set(actor).expect(200);
      const entries = (body.entry ?? []) as { resource: Resource; search: { mode: string } }[];
      const ids = (mode: string) =>
        entries.flatMap(({ resource, search }) => (search.mode === mode ? [resource.id] : []));
      return { slots: ids('match'), included: ids('include'), links: body.link as Element[] };
    };

    test('are found by institution, department and day, earliest first, with what they are of', async () => {
      const late = await aSlot({ start: '2083-01-04T10:00:00+08:00', end: '2083-01-04T10:15:00+08:00' });
      const early = await aSlot({ start: '2083-01-04T00:10:00+08:00', end: '2083-01-04T00:25:00+08:00' });
      await aSlot({ start: '2083-01-05T00:00:00+08:00', end: '2083-01-05T00:15:00+08:00' });
      const { slots, included } = await found(
        'organization=Organization/yongan-county-hospital&department=yongan-cardiology&day=2083-01-04',
      );
      expect(slots).toEqual([early, late]);
      expect(included.sort()).toEqual(['cardiology-schedule', 'yongan-cardiology']);
      for (const elsewhere of ['organization=linjiang-municipal-hospital', 'department=yongan-neurology'])
        expect((await found(`${elsewhere}&day=2083-01-04`)).slots).toEqual([]);
    });

    test('are not those that are taken, over, or reserved for family doctors, but to a family doctor', async () => {
      const day = { start: '2083-02-01T08:00:00+08:00', end: '2083-02-01T08:15:00+08:00' };
      await booked(await aSlot(day));
      await aSlot({ ...day, status: 'busy-unavailable' });
      await aSlot({ start: '2026-01-05T08:00:00+08:00', end: '2026-01-05T08:15:00+08:00' });
      const reserved = await aSlot({
        ...day,
        extension: [{ url: extension('reserved-for'), valueCode: 'family-doctor' }],
      });
      const free = await aSlot(day);
      expect((await found('day=2083-02-01')).slots).toEqual([free]);
      expect((await found('day=2083-02-01', township)).slots).toEqual([free]);
      expect((await found('day=2083-02-01', familyDoctor)).slots.sort()).toEqual([free, reserved].sort());
      expect((await found('day=2026-01-05')).slots).toEqual([]);

      await book(slotParameter(reserved), patient).set(township).expect(403);
      await server.post('/Appointment', appointmentFor(reserved)).set(hospital).expect(403);
      await book(slotParameter(reserved), patient).set(familyDoctor).expect(200);
    });

    test('come a page at a time', async () => {
      const times = ['08:00', '08:15', '08:30'].map((time) => `2083-02-02T${time}:00+08:00`);
      for (const start of times) await aSlot({ start, end: start.replace(':00+', ':10+') });
      const first = await found('day=2083-02-02&_count=2');
      const next = first.links.find(({ relation }) => relation === 'next')!.url as string;
      const second = await found(next.split('?')[1]!);
      expect([first.slots.length, second.slots.length]).toEqual([2, 1]);
    });

    test.each(['day=tomorrow', 'day=2083-02', 'ward=1', 'department=Patient/1', '_count=0'])(
      'are not asked for by %s',
      async (query) => {
        await server.get(`/Appointment/$find?${query}`).expect(400);
      },
    );
  });

  describe('an appointment', () => {
    test('is booked in a free slot, which nobody else gets', async () => {
      const slot = await aSlot();
      const { body } = await book(slotParameter(slot), patient, {
        name: 'comment',
        valueString: '复查',
      }).expect(200);
      const stored = await read('Slot', slot);
      expect(stored.status).toBe('busy');
      expect(body).toMatchObject({
        status: 'booked',
        start: stored.start,
        end: stored.end,
        priority: 5,
        comment: '复查',
        slot: [{ reference: `Slot/${slot}` }],
        participant: [{ actor: patient.valueReference }, { actor: { reference: department } }],
      });
      const refused = await book(slotParameter(slot), patient).expect(409);
      expect(refused.body.issue[0].details.text).toMatch(/已被占用.*\$find.* \/ Slot\/.* is not free/);
    });

    test('is refused without a patient, in no slot, in one that is not there, or whose time has come', async () => {
      await book(slotParameter(await aSlot())).expect(400);
      await book(patient).expect(400);
      await book({ name: 'slot', valueReference: { reference: 'Patient/1' } }, patient).expect(400);
      await book(slotParameter('nowhere'), patient).expect(404);
      const over = await aSlot({ start: '2026-01-05T08:00:00+08:00', end: '2026-01-05T08:15:00+08:00' });
      await book(slotParameter(over), patient).expect(409);
      await book(slotParameter(await aSlot()), patient, { name: 'priority', valueCode: 'first' }).expect(400);
    });

    test('is the same when it is asked for again, as after an answer that was lost, but only for the same patient', async () => {
      const [slot, other] = [await aSlot(), await aSlot()];
      const someone = async () => {
        const { id } = await make({ resourceType: 'Patient', name: [{ text: '李四' }] });
        return { name: 'patient', valueReference: { reference: `Patient/${id}` } };
      };
      const [lisi, wangwu] = [await someone(), await someone()];
      const both = [slotParameter(slot), slotParameter(other)];
      const { body } = await book(...both, lisi).expect(200);
      const again = await book(...both.reverse(), lisi).expect(200);
      expect(again.body).toEqual(body);
      await book(...both, wangwu).expect(409);
      await book(slotParameter(slot), lisi).expect(409);
      await server.post(`/Appointment/${body.id}/$cancel`, parameters(reason)).expect(200);
      expect((await book(...both, lisi).expect(200)).body.id).not.toBe(body.id);
    });

    test('takes several slots, or none of them', async () => {
      const [first, second, third] = [await aSlot(), await aSlot(), await aSlot()];
      await booked(third);
      await book(slotParameter(first), slotParameter(third), patient).expect(409);
      expect(await statusOf(first)).toBe('free');
      const { body } = await book(slotParameter(first), slotParameter(second), patient).expect(200);
      expect(body.slot).toHaveLength(2);
      expect([await statusOf(first), await statusOf(second)]).toEqual(['busy', 'busy']);
    });

    test('moves to another slot, and frees its own', async () => {
      const [from, to, taken] = [await aSlot(), await aSlot(), await aSlot()];
      await booked(taken);
      const { id } = await booked(from);
      const move = (slot: string) =>
        server.post(`/Appointment/${id}/$reschedule`, parameters(slotParameter(slot)));
      await move(taken).expect(409);
      expect(await statusOf(from)).toBe('busy');
      const { body } = await move(to).expect(200);
      expect(body.start).toBe((await read('Slot', to)).start);
      expect(body.participant).toHaveLength(2);
      expect([await statusOf(from), await statusOf(to)]).toEqual(['free', 'busy']);
      await move(from).set('If-Match', 'W/"1"').expect(412);
    });

    test('is cancelled for a reason, once, and its slot is free again', async () => {
      const slot = await aSlot();
      const { id } = await booked(slot);
      const cancel = (...given: Element[]) =>
        server.post(`/Appointment/${id}/$cancel`, given.length > 0 ? parameters(...given) : undefined);
      await cancel().expect(400);
      const { body } = await cancel(reason).expect(200);
      expect(body).toMatchObject({ status: 'cancelled', cancelationReason: { text: '患者临时有事' } });
      expect(await statusOf(slot)).toBe('free');
      await cancel(reason).expect(409);
      await server.post(`/Appointment/${id}/$reschedule`, parameters(slotParameter(slot))).expect(409);
      await booked(slot);
    });
  });

  describe('a client that knows no operation', () => {
    test('books by creating the appointment, and cancels by updating or deleting it', async () => {
      const slot = await aSlot();
      const first = await make(appointmentFor(slot));
      expect(await statusOf(slot)).toBe('busy');
      await server.post('/Appointment', appointmentFor(slot)).expect(409);
      await server.put(`/Appointment/${first.id}`, { ...first, status: 'arrived' }).expect(200);
      expect(await statusOf(slot)).toBe('busy');
      await server.put(`/Appointment/${first.id}`, { ...first, status: 'cancelled' }).expect(200);
      expect(await statusOf(slot)).toBe('free');
      const second = await make(appointmentFor(slot));
      await server.put(`/Appointment/${first.id}`, { ...first, status: 'booked' }).expect(409);
      await server.delete(`/Appointment/${second.id}`).expect(204);
      expect(await statusOf(slot)).toBe('free');
    });

    test('books by a transaction that also says that the slot is busy, but not twice in one', async () => {
      const [slot, other] = [await aSlot(), await aSlot()];
      const transaction = (...entry: object[]) =>
        server.post('/', { resourceType: 'Bundle', type: 'transaction', entry });
      const creation = (of: string) => ({
        resource: appointmentFor(of),
        request: { method: 'POST', url: 'Appointment' },
      });
      await transaction(creation(slot), {
        resource: { ...(await read('Slot', slot)), status: 'busy' },
        request: { method: 'PUT', url: `Slot/${slot}` },
      }).expect(200);
      await transaction(creation(other), creation(other)).expect(409);
      expect(await statusOf(other)).toBe('free');
    });

    test('swaps two appointments in one transaction', async () => {
      const [here, there] = [await aSlot(), await aSlot()];
      const [one, two] = [await booked(here), await booked(there)];
      const entry = [
        { ...one, slot: two.slot },
        { ...two, slot: one.slot },
      ].map((resource) => ({ resource, request: { method: 'PUT', url: `Appointment/${resource.id}` } }));
      await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
      expect([await statusOf(here), await statusOf(there)]).toEqual(['busy', 'busy']);
      await server.post(`/Appointment/${one.id}/$cancel`, parameters(reason)).expect(200);
      expect([await statusOf(here), await statusOf(there)]).toEqual(['busy', 'free']);
    });

    test('does not free, move or delete a slot that an appointment holds', async () => {
      const slot = await aSlot();
      const { id } = await booked(slot);
      const held = await read('Slot', slot);
      for (const change of [
        { status: 'free' },
        { status: 'busy-unavailable' },
        { start: '2083-03-01T07:00:00Z' },
      ])
        await server.put(`/Slot/${slot}`, { ...held, ...change }).expect(409);
      await server.delete(`/Slot/${slot}`).expect(409);
      await server.put(`/Slot/${slot}`, { ...held, comment: '请提前十分钟到' }).expect(200);
      await server.post(`/Appointment/${id}/$cancel`, parameters(reason)).expect(200);
      await server.put(`/Slot/${slot}`, { ...held, status: 'busy-unavailable' }).expect(200);
      await book(slotParameter(slot), patient).expect(409);
    });
  });

  describe('the appointment of a referral', () => {
    test('schedules the Task that waits for it, and the sender owes the arrival', async () => {
      const { task, referral } = await waiting();
      const slot = await aSlot();
      const { body } = await book(slotParameter(slot), {
        name: 'task',
        valueReference: { reference: `Task/${task}` },
      })
        .set(hospital)
        .expect(200);
      expect(body.basedOn).toEqual([{ reference: `ServiceRequest/${referral}` }]);
      const scheduled = await read('Task', task);
      expect(stateOf(scheduled)).toBe('accepted:scheduled');
      expect(appointments(scheduled)).toEqual([`Appointment/${body.id}`]);
      expect(owed(scheduled).by).toBe('Organization/qingshi-health-centre');
      expect(scheduled.restriction).toMatchObject({ period: { end: body.end } });
      expect(Date.parse(owed(scheduled).until as string)).toBe(Date.parse(body.end));
    });

    test('does so when it is simply created, and is the two sides` to make', async () => {
      const { task, referral } = await waiting();
      const of = { basedOn: [{ reference: `ServiceRequest/${referral}` }] };
      const slot = await aSlot();
      await server.post('/Appointment', appointmentFor(slot, of)).set(neighbour).expect(403);
      expect(await statusOf(slot)).toBe('free');
      await server.post('/Appointment', appointmentFor(slot, of)).set(township).expect(201);
      expect(stateOf(await read('Task', task))).toBe('accepted:scheduled');
    });

    test('lets the Task wait again when it is off, and go on with another', async () => {
      const { task } = await waiting();
      const of = { name: 'task', valueReference: { reference: `Task/${task}` } };
      const { body: first } = await book(slotParameter(await aSlot()), of).expect(200);
      await server.post(`/Appointment/${first.id}/$cancel`, parameters(reason)).set(township).expect(200);
      const waits = await read('Task', task);
      expect(stateOf(waits)).toBe('accepted:appointment-pending');
      expect(appointments(waits)).toEqual([]);
      expect(owed(waits).by).toBe('Organization/yongan-county-hospital');
      await book(slotParameter(await aSlot()), of).expect(200);
      expect(stateOf(await read('Task', task))).toBe('accepted:scheduled');
    });

    test('moves the time to arrive with it', async () => {
      const { task } = await waiting();
      const of = { name: 'task', valueReference: { reference: `Task/${task}` } };
      const { body } = await book(slotParameter(await aSlot()), of).expect(200);
      const later = await aSlot({ start: '2083-06-01T08:00:00+08:00', end: '2083-06-01T08:15:00+08:00' });
      await server.post(`/Appointment/${body.id}/$reschedule`, parameters(slotParameter(later))).expect(200);
      const moved = await read('Task', task);
      expect(stateOf(moved)).toBe('accepted:scheduled');
      expect(owed(moved).until).toBe('2083-06-01T00:15:00.000Z');
    });

    test('is cancelled with the Task, and the slot is free for others', async () => {
      const { task } = await waiting();
      const slot = await aSlot();
      const of = { name: 'task', valueReference: { reference: `Task/${task}` } };
      const { body } = await book(slotParameter(slot), of).expect(200);
      await server.post(`/Task/${task}/$cancel`, parameters(reason)).set(township).expect(200);
      expect((await read('Appointment', body.id)).status).toBe('cancelled');
      expect(await statusOf(slot)).toBe('free');
      await book(slotParameter(slot), of).expect(409);
    });

    test('carries the three priorities of the green channel, and the Task what was granted', async () => {
      const name = extension('green-channel-priority');
      const carried = (element: Element | undefined) =>
        ((element?.extension ?? []) as Element[]).flatMap(({ url, valueCode }) =>
          url === name ? [valueCode] : [],
        );
      const { task } = await waiting('valid/02-hypertensive-emergency');
      const of = { name: 'task', valueReference: { reference: `Task/${task}` } };
      const { body: all } = await book(slotParameter(await aSlot()), of).expect(200);
      expect(all.priority).toBe(1);
      expect(carried(all._priority)).toEqual(['visit', 'exam', 'bed']);
      expect(carried(await read('Task', task))).toEqual(['visit', 'exam', 'bed']);
      await server.post(`/Appointment/${all.id}/$cancel`, parameters(reason)).expect(200);
      await book(slotParameter(await aSlot()), of, { name: 'priority', valueCode: 'exam' }).expect(200);
      expect(carried(await read('Task', task))).toEqual(['exam']);
    });
  });
});
