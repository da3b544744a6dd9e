import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { errorsOf, example, newReferral, type ReferralBundle, referring } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const extension = (name: string) => `${canonical}/StructureDefinition/${name}`;
const businessStatus = (code: string) => ({
  coding: [{ system: `${canonical}/CodeSystem/referral-business-status`, code }],
});
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };

const parameters = (...parameter: Element[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 && { parameter }),
});
const reason = (code: string, text: string) => ({
  name: 'reason',
  valueCodeableConcept: { coding: [{ system: `${canonical}/CodeSystem/reject-reason`, code }], text },
});
const acceptance = parameters(
  { name: 'department', valueReference: { reference: 'HealthcareService/yongan-cardiology' } },
  { name: 'liaison', valueReference: { reference: 'PractitionerRole/li-hui-yongan' } },
  {
    name: 'arrival-period',
    valuePeriod: { end: new Date(Date.now() + 5 * 86_400_000).toISOString() },
  },
  { name: 'appointment', valueReference: { display: '心血管内科门诊' } },
);
const arrival = parameters({ name: 'encounter', valueReference: { display: '门诊就诊' } });
const feedback = parameters({ name: 'feedback', valueReference: { display: '出院小结' } });

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  async function aTask(bundle: ReferralBundle = newReferral()): Promise<string> {
    return (await accepted(bundle)).Task!;
  }
  const step = (task: string, name: string, body: object | undefined, actor: Record<string, string> = {}) =>
    server.post(`/Task/${task}/$${name}`, body ?? parameters()).set(actor);
  const stateOf = (task: Resource) =>
    `${task.status}:${(task.businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
  const owed = (task: Resource) => {
    const all = (task.extension ?? []) as Element[];
    const waiting = all.find(({ url }) => url === extension('waiting-for'));
    const due = all.find(({ url }) => url === extension('due'));
    return {
      by: (waiting?.valueReference as Element | undefined)?.reference,
      until: due?.valueDateTime as string | undefined,
    };
  };

  describe('a referral from its submission to its end', () => {
    test('goes by operations, and each step is owed by somebody until a time', async () => {
      const task = await aTask();
      const submitted = await read('Task', task);
      expect(stateOf(submitted)).toBe('requested:submitted');
      expect(owed(submitted).by).toBe('Organization/yongan-county-hospital');
      expect(Date.parse(owed(submitted).until!)).toBeGreaterThan(Date.now());

      await step(task, 'acknowledge', undefined, hospital).expect(200);
      const scheduled = await step(task, 'accept', acceptance, hospital).expect(200);
      expect(stateOf(scheduled.body)).toBe('accepted:scheduled');
      expect(owed(scheduled.body).by).toBe('Organization/qingshi-health-centre');

      await step(
        task,
        'depart',
        parameters({ name: 'departure', valueDateTime: new Date().toISOString() }),
        township,
      ).expect(200);
      const arrived = await step(task, 'arrive', arrival, hospital).expect(200);
      expect(stateOf(arrived.body)).toBe('in-progress:arrived');

      const without = await step(task, 'complete', undefined, hospital).expect(422);
      expect(errorsOf(without.body)).toEqual(['task-feedback']);
      const done = await step(task, 'complete', feedback, hospital).expect(200);
      expect(stateOf(done.body)).toBe('completed:treated');
      expect(owed(done.body).by).toBeUndefined();
      const { focus } = done.body;
      const referral = await read('ServiceRequest', focus.reference.split('/')[1]);
      expect(referral.status).toBe('completed');
    });

    test('goes by plain updates of a client that knows no operation, with the same result', async () => {
      const task = await aTask();
      const change = async (changes: Record<string, unknown>, status = 200) => {
        const before = await read('Task', task);
        return (await server.put(`/Task/${task}`, { ...before, ...changes }).expect(status)).body;
      };
      expect(stateOf(await change({ status: 'received' }))).toBe('received:under-review');
      const before = await read('Task', task);
      const accepted = await change({
        status: 'accepted',
        extension: [
          ...(before.extension as Element[]),
          { url: extension('receiving-department'), valueString: '心血管内科' },
          { url: extension('liaison'), valueString: '李慧' },
        ],
        restriction: { period: { end: new Date(Date.now() + 86_400_000).toISOString() } },
      });
      expect(stateOf(accepted)).toBe('accepted:appointment-pending');
      expect(owed(accepted).by).toBe('Organization/yongan-county-hospital');
      const output = [
        {
          type: { coding: [{ system: `${canonical}/CodeSystem/output-type`, code: 'encounter' }] },
          valueReference: { display: '门诊就诊' },
        },
      ];
      const arrived = await server
        .patch(`/Task/${task}`, [
          { op: 'replace', path: '/status', value: 'in-progress' },
          { op: 'add', path: '/output', value: output },
        ])
        .set('Content-Type', 'application/json-patch+json')
        .expect(200);
      expect(stateOf(arrived.body)).toBe('in-progress:arrived');
    });

    test('is owed until the time to arrive, also when that is moved', async () => {
      const task = await aTask();
      const before = (await step(task, 'accept', acceptance, hospital).expect(200)).body;
      const end = '2083-01-05T12:00:00.000Z';
      const moved = await server
        .put(`/Task/${task}`, { ...before, restriction: { period: { end } } })
        .set(hospital)
        .expect(200);
      expect(owed(moved.body)).toEqual({ by: 'Organization/qingshi-health-centre', until: end });
      await server
        .put(`/Task/${task}`, { ...moved.body, restriction: { period: { end: '2083-02-01' } } })
        .set(township)
        .expect(403);
    });

    test('an entry of a transaction takes a step as well', async () => {
      const task = await aTask();
      const before = await read('Task', task);
      const resource = { ...before, status: 'received', businessStatus: businessStatus('under-review') };
      await server
        .post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource, request: { method: 'PUT', url: `Task/${task}` } }],
        })
        .expect(200);
      expect(stateOf(await read('Task', task))).toBe('received:under-review');
    });
  });

  describe('what the table does not have', () => {
    test('an illegal step is 409, and says what may follow', async () => {
      const task = await aTask();
      const { body } = await step(task, 'complete', feedback, hospital).expect(409);
      expect(body.issue[0].details.text).toContain('$acknowledge'.slice(1));
      expect(body.issue[0].details.text).toContain('不能从 requested:submitted');
      // What holds for other referrals only, as for consultations, is not offered.
      expect(body.issue[0].details.text).not.toMatch(/advise|resume-care|arrive-at-once/);
      expect((await read('Task', task)).meta!.versionId).toBe('1');
    });

    test('another one than the table names is 403', async () => {
      const task = await aTask();
      const { body } = await step(task, 'accept', acceptance, township).expect(403);
      expect(errorsOf(body)).toEqual(['accept-scheduled']);
      await step(task, 'cancel', parameters(reason('other', '不转了')), hospital).expect(403);
    });

    test('everything that is missing is told at once, with 422', async () => {
      const task = await aTask();
      await step(task, 'acknowledge', undefined, hospital).expect(200);
      const { body } = await step(task, 'request-info', undefined, hospital).expect(422);
      expect(errorsOf(body).sort()).toEqual(['request-info', 'task-reason']);
      expect(body.issue[0].details.text).toMatch(/「要求补充资料」须.* \/ "Ask for information" needs/);
    });

    test('a version that is no longer current is 412', async () => {
      const task = await aTask();
      await step(task, 'acknowledge', undefined, hospital).expect(200);
      await step(task, 'accept', acceptance, hospital).set('If-Match', 'W/"1"').expect(412);
    });

    test('what has ended does not open again', async () => {
      const task = await aTask();
      await step(task, 'cancel', parameters(reason('other', '患者不来')), township).expect(200);
      await step(task, 'accept', acceptance, hospital).expect(409);
      expect(stateOf(await read('Task', task))).toBe('cancelled:by-sender');
    });

    test('the sender and the receiver cannot be rewritten, nor the other side`s members', async () => {
      const task = await aTask();
      const before = await read('Task', task);
      const owner = { reference: 'Organization/linjiang-municipal-hospital' };
      await server
        .put(`/Task/${task}`, { ...before, owner })
        .set(hospital)
        .expect(422);
      const note = [{ text: '由转出机构填写' }];
      await server
        .put(`/Task/${task}`, { ...before, note })
        .set(township)
        .expect(403);
      await server
        .put(`/Task/${task}`, { ...before, note })
        .set(hospital)
        .expect(200);
    });

    test('a Task under way is not deleted, and the status of a referral follows it', async () => {
      const { Task: task, ServiceRequest } = await accepted(newReferral());
      await server.delete(`/Task/${task}`).expect(409);
      const referral = await read('ServiceRequest', ServiceRequest!);
      await server.put(`/ServiceRequest/${ServiceRequest}`, { ...referral, status: 'revoked' }).expect(409);
      await server
        .put(`/ServiceRequest/${ServiceRequest}`, { ...referral, patientInstruction: '空腹' })
        .expect(200);
      await step(task!, 'accept', acceptance, hospital).expect(200);
      const later = await read('ServiceRequest', ServiceRequest!);
      await server
        .put(`/ServiceRequest/${ServiceRequest}`, { ...later, patientInstruction: '不空腹' })
        .expect(409);
    });
  });

  describe('information that is asked for', () => {
    test('stops the clock of the answer, and the sender owes it', async () => {
      const task = await aTask();
      await step(task, 'acknowledge', undefined, hospital).expect(200);
      const asked = await step(
        task,
        'request-info',
        parameters(reason('incomplete', '缺心电图'), { name: 'records-request', valueString: '心电图' }),
        hospital,
      ).expect(200);
      expect(owed(asked.body).by).toBe('Organization/qingshi-health-centre');
      const supplied = await step(
        task,
        'supply-info',
        parameters({ name: 'information', valueString: '心电图已上传' }),
        township,
      ).expect(200);
      expect(owed(supplied.body).by).toBe('Organization/yongan-county-hospital');
    });
  });

  describe('a referral that goes on', () => {
    test('is redirected as one: the old Task is closed, a new one of the same chain is asked', async () => {
      const task = await aTask(newReferral('valid/01-routine-up-hypertension'));
      const { body: next } = await step(
        task,
        'redirect',
        parameters(
          { name: 'receiver', valueReference: { reference: 'Organization/linjiang-municipal-hospital' } },
          reason('no-capacity', '本院无床位'),
        ),
        hospital,
      ).expect(200);
      expect(stateOf(next)).toBe('requested:redirected');
      const closed = await read('Task', task);
      expect(stateOf(closed)).toBe('cancelled:superseded');
      expect(next.groupIdentifier).toEqual(closed.groupIdentifier);
      expect(owed(next).by).toBe('Organization/linjiang-municipal-hospital');
    });

    test('after a rejection the sender owes a decision, until the referral is sent on', async () => {
      const task = await aTask();
      const { body } = await step(
        task,
        'reject',
        parameters(reason('no-capacity', '无床位')),
        hospital,
      ).expect(200);
      expect(stateOf(body)).toBe('rejected:no-capacity');
      expect(owed(body).by).toBe('Organization/qingshi-health-centre');
      await step(
        task,
        'redirect',
        parameters({
          name: 'receiver',
          valueReference: { reference: 'Organization/linjiang-municipal-hospital' },
        }),
        township,
      ).expect(200);
      expect(owed(await read('Task', task)).by).toBeUndefined();
    });
  });

  describe('a referral that does not go as planned', () => {
    test('waits for the patient, goes on, and fails when nobody comes, but not before the grace is over', async () => {
      const task = await aTask();
      await step(task, 'accept', acceptance, hospital).expect(200);
      const held = await step(task, 'hold', parameters(reason('other', '患者住院押金未备')), hospital).expect(
        200,
      );
      expect(owed(held.body).by).toBe('Organization/qingshi-health-centre');
      await step(task, 'resume', undefined, hospital).expect(200);
      const early = await step(task, 'fail', parameters(reason('other', '未到诊')), hospital).expect(422);
      expect(errorsOf(early.body)).toEqual(['no-show']);
    });

    test('ends as failed when the patient dies after arrival', async () => {
      const { Task: task, ServiceRequest } = await accepted(newReferral());
      await step(task!, 'accept', acceptance, hospital).expect(200);
      await step(task!, 'arrive', arrival, hospital).expect(200);
      await step(task!, 'cancel', parameters(reason('other', '家属要求')), township).expect(409);
      const { body } = await step(
        task!,
        'fail',
        parameters(reason('other', '抢救无效死亡'), { name: 'business-status', valueCode: 'died' }),
        hospital,
      ).expect(200);
      expect(stateOf(body)).toBe('failed:died');
      expect((await read('ServiceRequest', ServiceRequest!)).status).toBe('completed');
    });

    test('is cancelled after arrival only when the receiver grants what the sender asks for', async () => {
      const task = await aTask();
      await step(task, 'accept', acceptance, hospital).expect(200);
      await step(task, 'arrive', arrival, hospital).expect(200);
      const cancelled = async () => {
        const before = await read('Task', task);
        return {
          ...before,
          status: 'cancelled',
          businessStatus: businessStatus('by-sender'),
          statusReason: { text: '家属要求转回' },
        };
      };
      await server
        .put(`/Task/${task}`, await cancelled())
        .set(hospital)
        .expect(422);
      const asked = {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'abort' }] },
        focus: { reference: `Task/${task}` },
      };
      await server.post('/Task', asked).set(hospital).expect(403);
      await server
        .post('/Task', { ...asked, status: 'completed' })
        .set(township)
        .expect(403);
      const { body: request } = await server.post('/Task', asked).set(township).expect(201);
      expect(owed(request).by).toBe('Organization/yongan-county-hospital');
      const granted = { ...request, status: 'completed' };
      await server.put(`/Task/${request.id}`, granted).set(township).expect(403);
      const { body: answered } = await server.put(`/Task/${request.id}`, granted).set(hospital).expect(200);
      expect(owed(answered).by).toBeUndefined();
      await server
        .put(`/Task/${task}`, await cancelled())
        .set(hospital)
        .expect(200);
    });
  });

  test('a patient is returned with plan, medicines and feedback, or not at all', async () => {
    const { Task: task, Patient } = await accepted(newReferral());
    await step(task!, 'accept', acceptance, hospital).expect(200);
    await step(task!, 'arrive', arrival, hospital).expect(200);
    const down = example('valid/09-down-for-rehabilitation');
    const subject = { reference: `Patient/${Patient}` };
    const paper = (type: string, id: string): Resource => ({
      ...down.entry.find(({ resource }) => resource.resourceType === type)!.resource,
      id,
      subject,
    });
    const { supportingInfo: _, basedOn: __, encounter: ___, ...sent } = paper('ServiceRequest', 'down');
    const before = await read('Task', task!);
    const referral = {
      ...sent,
      identifier: [{ ...(sent.identifier as Element[])[0], value: `DOWN-${task}` }],
      reasonReference: [{ reference: 'Condition/dx' }],
      performer: [before.requester],
    };
    const withPapers = (...names: string[]) =>
      parameters(
        { name: 'referral', resource: referral },
        { name: 'feedback', valueReference: { display: '回转单' } },
        { name: 'resource', resource: paper('Condition', 'dx') },
        ...names.map((name) => ({ name: 'resource', resource: paper(name, name.toLowerCase()) })),
      );
    const refused = await step(task!, 'return', withPapers(), hospital).expect(422);
    expect(errorsOf(refused.body)).toContain('return');
    expect(await read('Task', task!)).toEqual(before);

    const { body } = await step(task!, 'return', withPapers('CarePlan', 'MedicationRequest'), hospital);
    expect(errorsOf(body.issue ? body : { issue: [] })).toEqual([]);
    expect(stateOf(body)).toBe('completed:returned');
    const [following] = (
      await server.get(`/Task?group-identifier=${(before.groupIdentifier as Element).value}`).expect(200)
    ).body.entry
      .map(({ resource }: { resource: Resource }) => resource)
      .filter(({ id, businessStatus }: Resource) => id !== task && businessStatus);
    expect(stateOf(following)).toBe('requested:submitted');
    expect(owed(following).by).toBe('Organization/qingshi-health-centre');
  });

  test('what may follow is listed for the one who asks', async () => {
    const task = await aTask();
    const named = async (actor: Record<string, string>) => {
      const { body } = await server.get(`/Task/${task}/$next-steps`).set(actor).expect(200);
      return body.parameter
        .filter(({ name }: Element) => name === 'step')
        .map(({ part }: { part: Element[] }) => part[0]!.valueCode);
    };
    expect(await named(township)).toEqual(['replace', 'cancel', 'enter-in-error']);
    expect(await named(hospital)).toContain('accept');
  });

  test('what is overdue is a search', async () => {
    const task = await aTask();
    const { until } = owed(await read('Task', task));
    const found = async (due: string) => {
      const { body } = await server
        .get(`/Task?waiting-for=Organization/yongan-county-hospital&due=lt${due}&_count=1000`)
        .expect(200);
      return (body.entry ?? []).some(({ resource }: { resource: Resource }) => resource.id === task);
    };
    expect(await found(new Date(Date.parse(until!) + 1_000).toISOString())).toBe(true);
    expect(await found(new Date(Date.parse(until!) - 1_000).toISOString())).toBe(false);
  });
});
