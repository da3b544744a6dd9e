import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { errorsOf, example, issuesOf, newReferral, referring, the, without } from './referrals.ts';

const base = 'https://w3id.org/zhuanzhen';
const plac = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }],
};

onEachEngine((server) => {
  const { accepted, kept, read, refused } = referring(server);
  const jsonPatch = (path: string, operations: object[]) =>
    server.patch(path, operations).set('Content-Type', 'application/json-patch+json');
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  /** A referral as it could be sent alone: of a patient whose records are stored, under a number of its own. */
  async function aReferralAlone(number: string): Promise<Resource> {
    const { ServiceRequest } = await accepted(newReferral());
    const { id: _, meta: __, ...referral } = await read('ServiceRequest', ServiceRequest!);
    return {
      ...referral,
      identifier: [{ type: plac, system: `${base}/sid/referral-number`, value: number }],
    };
  }

  describe('a referral that is posted alone', () => {
    test('is checked by profile and rules, although it names no profile', async () => {
      const referral = await aReferralAlone('ALONE-1');
      await server.post('/ServiceRequest', referral).expect(201);

      const { priority: _, ...unprofiled } = referral;
      const incomplete = await server
        .post('/ServiceRequest', {
          ...unprofiled,
          identifier: [{ type: plac, system: `${base}/sid/referral-number`, value: 'ALONE-2' }],
        })
        .expect(422);
      expect(errorsOf(incomplete.body)).toEqual(['required']);

      const ruled = await server
        .post('/ServiceRequest', {
          ...referral,
          identifier: [{ type: plac, system: `${base}/sid/referral-number`, value: 'ALONE-3' }],
          priority: 'stat',
        })
        .expect(422);
      expect(errorsOf(ruled.body)).toEqual(['sr-green-channel']);
    });

    test('is told at once all that it breaks', async () => {
      const { identifier: _, authoredOn: __, ...referral } = await aReferralAlone('MANY');
      const performer = [{ reference: 'Organization/linjiang-municipal-hospital' }];
      const { body } = await server
        .post('/ServiceRequest', { ...referral, priority: 'stat', performer })
        .expect(422);
      expect(errorsOf(body)).toEqual(
        expect.arrayContaining(['required', 'sr-number', 'sr-green-channel', 'up-lead-first']),
      );
      for (const { details } of body.issue) expect(details.text).toMatch(/[\u4e00-\u9fff].* \/ .*[A-Za-z]/);
    });

    test.each<[string, (referral: Resource) => Resource]>([
      ['direction', (referral) => ({ ...referral, category: [{ text: '上转' }] })],
      ['indication', (referral) => ({ ...referral, reasonCode: [{ text: '血压未达标' }] })],
    ])('is known as one without its %s, and refused', async (missing, change) => {
      const referral = change(await aReferralAlone(`WITHOUT-${missing}`));
      const { body } = await server.post('/ServiceRequest', referral).expect(422);
      expect(errorsOf(body)).toContain(`sr-${missing}`);
    });

    test('cannot take the number of another one, with the same content or another', async () => {
      const referral = await aReferralAlone('TAKEN');
      await server.post('/ServiceRequest', referral).expect(201);
      const same = await server.post('/ServiceRequest', referral).expect(409);
      expect(issuesOf(same.body)).toEqual(['error duplicate ServiceRequest.identifier']);
      await server.post('/ServiceRequest', { ...referral, priority: 'urgent' }).expect(409);
    });
  });

  describe('a referral that is sent again under its number', () => {
    test('as it was is answered with the one on record', async () => {
      const bundle = newReferral();
      const first = await accepted(bundle);
      expect(await accepted(bundle)).toEqual(first);
    });

    test('with another content is a conflict, which also tells the rules that it breaks', async () => {
      const bundle = newReferral('invalid/02-severe-hypertension-routine');
      the(bundle, 'ServiceRequest').priority = 'urgent';
      await accepted(bundle);
      the(bundle, 'ServiceRequest').priority = 'routine';
      expect(await refused(bundle, 409)).toEqual(['up-htn-urgent', 'duplicate']);
      the(bundle, 'ServiceRequest').priority = 'stat';
      expect(await refused(bundle, 409)).toEqual(['sr-green-channel', 'duplicate']);
    });

    test('alone, by If-None-Exist, is treated alike', async () => {
      const referral = await aReferralAlone('AGAIN');
      const send = (body: Resource) =>
        server
          .post('/ServiceRequest', body)
          .set('If-None-Exist', `identifier=${base}/sid/referral-number|AGAIN`);
      const { body: first } = await send(referral).expect(201);
      expect((await send(referral).expect(200)).body).toEqual(first);
      const { body } = await send({ ...referral, priority: 'stat' }).expect(409);
      expect(errorsOf(body)).toEqual(['sr-green-channel', 'duplicate']);
    });

    test('by many clients at one moment is one referral', async () => {
      const bundle = newReferral();
      const all = await Promise.all(Array.from({ length: 6 }, () => accepted(bundle)));
      for (const each of all) expect(each).toEqual(all[0]);
    });
  });

  describe('a referral on record', () => {
    test('is held to the rules when it is changed', async () => {
      const { ServiceRequest } = await accepted(newReferral('valid/02-hypertensive-emergency'));
      const path = `/ServiceRequest/${ServiceRequest}`;
      const patched = await jsonPatch(path, [{ op: 'replace', path: '/priority', value: 'routine' }]).expect(
        422,
      );
      expect(errorsOf(patched.body)).toEqual(['up-htn-urgent']);
      const put = await server
        .put(path, { ...(await read('ServiceRequest', ServiceRequest!)), priority: 'routine' })
        .expect(422);
      expect(errorsOf(put.body)).toEqual(['up-htn-urgent']);
      await server.get(path).expect('ETag', 'W/"1"');
    });

    test('stays one when the marks are dropped by which it is known', async () => {
      const { ServiceRequest: id, Task, Patient } = await accepted(newReferral());
      const bare = {
        resourceType: 'ServiceRequest',
        id,
        status: 'active',
        intent: 'order',
        subject: { reference: `Patient/${Patient}` },
      };
      expect(errorsOf((await server.put(`/ServiceRequest/${id}`, bare).expect(422)).body)).toContain(
        'sr-direction',
      );
      const bareTask = { resourceType: 'Task', id: Task, status: 'accepted', intent: 'order' };
      expect(errorsOf((await server.put(`/Task/${Task}`, bareTask).expect(422)).body)).toContain(
        'task-liaison',
      );
    });

    test('is accepted by its receiver only with department and liaison, however the change comes', async () => {
      const { Task: id } = await accepted(newReferral());
      const task = await read('Task', id!);
      const businessStatus = {
        coding: [{ system: `${base}/CodeSystem/referral-business-status`, code: 'appointment-pending' }],
      };
      const incomplete = { ...task, status: 'accepted', businessStatus };
      const operations = [
        { op: 'replace', path: '/status', value: 'accepted' },
        { op: 'replace', path: '/businessStatus', value: businessStatus },
      ];
      const asBundle = (type: string) => ({
        resourceType: 'Bundle',
        type,
        entry: [{ resource: incomplete, request: { method: 'PUT', url: `Task/${id}` } }],
      });
      const refusals = [
        (await server.put(`/Task/${id}`, incomplete).expect(422)).body,
        (await jsonPatch(`/Task/${id}`, operations).expect(422)).body,
        (await server.post('/', asBundle('transaction')).expect(422)).body,
        (await server.post('/', asBundle('batch')).expect(200)).body.entry[0].response.outcome,
      ];
      for (const outcome of refusals) expect(errorsOf(outcome)).toEqual(['task-liaison']);
      expect((await read('Task', id!)).status).toBe('requested');

      const extension = [
        {
          url: `${base}/StructureDefinition/receiving-department`,
          valueReference: { reference: 'HealthcareService/yongan-cardiology' },
        },
        {
          url: `${base}/StructureDefinition/liaison`,
          valueReference: { reference: 'PractitionerRole/li-hui-yongan' },
        },
      ];
      await server.put(`/Task/${id}`, { ...incomplete, extension }).expect(200);
    });

    test('is rejected with a reason only', async () => {
      const { Task: id } = await accepted(newReferral());
      const { body } = await jsonPatch(`/Task/${id}`, [
        { op: 'replace', path: '/status', value: 'rejected' },
      ]).expect(422);
      expect(errorsOf(body)).toEqual(['task-reason']);
    });
  });

  describe('a warning', () => {
    test('comes with the accepted transaction, at its entry, and is kept once', async () => {
      const bundle = without(newReferral(), 'Encounter');
      const { body } = await server.post('/', bundle).expect(200);
      const at = bundle.entry.findIndex(({ resource }) => resource.resourceType === 'ServiceRequest');
      const outcomes = body.entry.map(({ response }: { response: { outcome?: Resource } }) =>
        issuesOf(response.outcome),
      );
      const place = `Bundle.entry[${at}].resource.encounter`;
      expect(outcomes).toEqual(
        outcomes.map((_: unknown, index: number) =>
          index === at ? [`warning up-first-visit ${place}`] : [],
        ),
      );
      const { ServiceRequest: id } = await accepted(bundle);
      expect(await kept(id!)).toEqual(['up-first-visit']);
      const { body: found } = await server.get(`/DetectedIssue?implicated=ServiceRequest/${id}`);
      expect(found.entry[0].resource).toMatchObject({
        status: 'final',
        severity: 'moderate',
        patient: { reference: expect.stringMatching(/^Patient\//) },
      });
    });

    test('is withdrawn when its cause is mended, and kept again when it comes back', async () => {
      const { ServiceRequest: id, Task: task } = await accepted(without(newReferral(), 'Encounter'));
      const { body: encounter } = await server.post('/Encounter', {
        resourceType: 'Encounter',
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        serviceProvider: { reference: 'Organization/qingshi-health-centre' },
      });
      const path = `/ServiceRequest/${id}`;
      await jsonPatch(path, [
        { op: 'add', path: '/encounter', value: { reference: `Encounter/${encounter.id}` } },
      ]).expect(200);
      expect(await kept(id!)).toEqual([]);
      const again = await jsonPatch(path, [{ op: 'remove', path: '/encounter' }])
        .set('Prefer', 'return=OperationOutcome')
        .expect(200);
      expect(issuesOf(again.body)).toEqual(['warning up-first-visit ServiceRequest.encounter']);
      expect(await kept(id!)).toEqual(['up-first-visit']);
      await server.delete(path).expect(409);
      const entry = [`Task/${task}`, `ServiceRequest/${id}`].map((url) => ({
        request: { method: 'DELETE', url },
      }));
      await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(409);
      await server
        .post(`/Task/${task}/$cancel`, {
          resourceType: 'Parameters',
          parameter: [{ name: 'reason', valueCodeableConcept: { text: '重复登记' } }],
        })
        .expect(200);
      await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
      expect(await kept(id!)).toEqual([]);
    });
  });

  test('what is no referral is left alone', async () => {
    const subject = { reference: 'Patient/of-elsewhere' };
    for (const resource of [
      {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject,
        code: { coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] },
        priority: 'stat',
      },
      { resourceType: 'Task', status: 'accepted', intent: 'order' },
      {
        resourceType: 'Task',
        status: 'rejected',
        intent: 'order',
        focus: { reference: 'ServiceRequest/of-elsewhere' },
      },
      {
        resourceType: 'Observation',
        status: 'final',
        subject,
        code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
        component: [
          {
            code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
            valueQuantity: { value: 190, unit: 'mmHg' },
          },
        ],
      },
      {
        resourceType: 'Condition',
        subject,
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I10' }] },
      },
      { resourceType: 'Organization', name: 'Burgers University Medical Center' },
    ])
      expect((await server.post(`/${resource.resourceType}`, resource)).status).toBe(201);
  });
});
