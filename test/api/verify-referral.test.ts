import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, numberOf, type ReferralBundle, referring, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };

const parameters = (values: Record<string, Element>) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).map(([name, value]) => ({ name, ...value })),
});
const acceptance = parameters({
  department: { valueReference: { reference: 'HealthcareService/yongan-cardiology' } },
  liaison: { valueReference: { reference: 'PractitionerRole/li-hui-yongan' } },
  'arrival-period': { valuePeriod: { end: '2083-01-01' } },
});
const reason = { valueCodeableConcept: { text: '患者改变主意' } };

/** The certificate on a Task. */
function certificateOn(task: Resource): Element | undefined {
  const outputs = (task.output ?? []) as { type: { coding: { code: string }[] }; valueIdentifier: Element }[];
  return outputs.find(({ type }) => type.coding[0]?.code === 'referral-certificate')?.valueIdentifier;
}

const notReferred = {
  resourceType: 'Parameters',
  parameter: [{ name: 'referred', valueBoolean: false }],
};

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  /** A referral that the hospital has accepted: its Task, the number of its certificate, and the patient's. */
  async function anAcceptedReferral(bundle: ReferralBundle = newReferral()) {
    const patient = numberOf(the(bundle, 'Patient'));
    const { Task: task } = await accepted(bundle);
    const { body } = await server.post(`/Task/${task}/$accept`, acceptance).set(hospital).expect(200);
    return { task: task!, patient, number: certificateOn(body)!.value as string };
  }
  const ask = (number: string, identifier: string) =>
    server.post(
      '/ServiceRequest/$verify-referral',
      parameters({ number: { valueString: number }, identifier: { valueString: identifier } }),
    );

  describe('the certificate of an accepted referral', () => {
    test('is made by the acceptance, and by nothing before it', async () => {
      const { Task: task } = await accepted(newReferral());
      expect(certificateOn(await read('Task', task!))).toBeUndefined();
      const { body } = await server.post(`/Task/${task}/$accept`, acceptance).set(hospital).expect(200);
      expect(certificateOn(body)).toMatchObject({
        use: 'official',
        system: `${canonical}/sid/referral-certificate`,
        value: expect.stringMatching(/^[0-9A-Z]{13}$/),
        period: { start: body.meta.lastUpdated },
      });
      const found = await server.get(`/Task?certificate=${certificateOn(body)!.value}`).expect(200);
      expect(found.body.entry.map(({ resource }: { resource: Resource }) => resource.id)).toEqual([task]);
    });

    test('is made for a client that updates the Task itself, and stays whatever the client writes there', async () => {
      const { Task: id } = await accepted(newReferral());
      const task = await read('Task', id!);
      const extension = acceptance.parameter.slice(0, 2).map(({ name, ...value }) => ({
        url: `${canonical}/StructureDefinition/${name === 'department' ? 'receiving-department' : name}`,
        ...value,
      }));
      const forged = {
        type: { coding: [{ system: `${canonical}/CodeSystem/output-type`, code: 'referral-certificate' }] },
        valueIdentifier: {
          system: `${canonical}/sid/referral-certificate`,
          value: '0000000000001',
          period: { start: '2020-01-01' },
        },
      };
      const updated = {
        ...task,
        status: 'accepted',
        extension: [...(task.extension as Element[]), ...extension],
        restriction: { period: { end: '2083-01-01' } },
        output: [forged],
      };
      const { body } = await server.put(`/Task/${id}`, updated).set(hospital).expect(200);
      const certificate = certificateOn(body)!;
      expect(body.output).toHaveLength(1);
      expect(certificate.value).not.toBe('0000000000001');
      const { output: _, ...without } = body;
      const kept = await server.put(`/Task/${id}`, without).set(hospital).expect(200);
      expect(certificateOn(kept.body)).toEqual(certificate);
    });

    test('a stat patient who arrives before any answer has one as well', async () => {
      const { Task: task } = await accepted(newReferral('valid/02-hypertensive-emergency'));
      const encounter = parameters({ encounter: { valueReference: { display: '急诊就诊' } } });
      const { body } = await server.post(`/Task/${task}/$arrive`, encounter).set(hospital).expect(200);
      expect(certificateOn(body)?.value).toMatch(/^[0-9A-Z]{13}$/);
    });
  });

  describe('an insurer asks', () => {
    test('and learns from where to where and when, and nothing else; by GET as well', async () => {
      const { task, patient, number } = await anAcceptedReferral();
      const { body } = await ask(number, patient).expect(200);
      const { focus } = await read('Task', task);
      const [type, id] = (focus as { reference: string }).reference.split('/');
      const { authoredOn } = await read(type!, id!);
      expect(body.parameter).toEqual([
        { name: 'referred', valueBoolean: true },
        {
          name: 'from',
          valueReference: { reference: 'Organization/qingshi-health-centre', display: '青石镇中心卫生院' },
        },
        {
          name: 'to',
          valueReference: { reference: 'Organization/yongan-county-hospital', display: '永安县人民医院' },
        },
        { name: 'referred-on', valueDateTime: authoredOn },
        { name: 'accepted-on', valueDateTime: expect.stringMatching(/^20/) },
        { name: 'arrive-by', valueDateTime: '2083-01-01' },
      ]);
      const typed = `${number.slice(0, 4)}-${number.slice(4)}`.toLowerCase();
      const url = `/ServiceRequest/$verify-referral?number=${typed}&identifier=${patient}`;
      expect((await server.get(url).expect(200)).body).toEqual(body);
    });

    test('a cancelled referral, one that was passed on and one that there is not are answered alike', async () => {
      const cancelled = await anAcceptedReferral();
      await server.post(`/Task/${cancelled.task}/$cancel`, parameters({ reason })).set(township).expect(200);
      expect(certificateOn(await read('Task', cancelled.task))).toMatchObject({
        use: 'old',
        value: cancelled.number,
      });
      const passedOn = await anAcceptedReferral();
      const receiver = { valueReference: { reference: 'Organization/linjiang-municipal-hospital' } };
      const next = await server
        .post(`/Task/${passedOn.task}/$redirect`, parameters({ receiver, reason }))
        .set(hospital)
        .expect(200);
      expect(certificateOn(next.body)).toBeUndefined();
      for (const { number, patient } of [cancelled, passedOn]) {
        const { body } = await ask(number, patient).expect(200);
        expect(body).toEqual(notReferred);
      }
    });

    test('a wrong number, a wrong check character and the number of another patient are answered alike', async () => {
      const { patient, number } = await anAcceptedReferral();
      const other = await anAcceptedReferral();
      const check = number.endsWith('7') ? '8' : '7';
      for (const [wrong, whose] of [
        ['7K3F9QXM2RTB1', patient],
        [number.slice(0, -1) + check, patient],
        [number, other.patient],
      ] as const)
        expect((await ask(wrong, whose).expect(200)).body).toEqual(notReferred);
    });

    test('what is no number is refused with 400', async () => {
      await ask('12345', '629901195803140421').expect(400);
      await ask('7K3F9QXM2RTB1', '!').expect(400);
      await server.get('/ServiceRequest/$verify-referral?number=7K3F9QXM2RTB1').expect(400);
      await server
        .get('/ServiceRequest/$verify-referral?number=7K3F9QXM2RTB1&identifier=1&name=x')
        .expect(400);
    });
  });
});

onEachEngine((server) => {
  test('who guesses is told to wait, also in a batch', async () => {
    const url = '/ServiceRequest/$verify-referral?number=7K3F9QXM2RTB1&identifier=629901195803140421';
    const entry = Array.from({ length: 19 }, () => ({ request: { method: 'GET', url: url.slice(1) } }));
    await server.post('/', { resourceType: 'Bundle', type: 'batch', entry }).expect(200);
    await server.get(url).expect(200);
    const { headers, body } = await server.get(url).expect(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body.issue[0].code).toBe('throttled');
  });
});
