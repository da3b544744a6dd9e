import { beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { asking, at } from './asking.ts';

const insurer: Actor = { organization: 'Organization/insurer', roles: ['insurer'] };

onEachEngine(
  (server) => {
    let task: string;
    let patient: string;
    let number: string;

    beforeAll(async () => {
      await asking(server, { roles: [], isSystem: true }, 'POST', '/', example('community'));
      const bundle = newReferral();
      patient = numberOf(the(bundle, 'Patient'));
      const sent = await asking(server, at('qingshi-health-centre'), 'POST', '/', bundle);
      task = sent.shown.find((path) => path.startsWith('Task/'))!;
      const parameter = [
        { name: 'department', valueReference: { reference: 'HealthcareService/yongan-cardiology' } },
        { name: 'liaison', valueReference: { reference: 'PractitionerRole/li-hui-yongan' } },
        { name: 'arrival-period', valuePeriod: { end: '2083-01-01' } },
      ];
      const accepted = await asking(server, at('yongan-county-hospital'), 'POST', `/${task}/$accept`, {
        resourceType: 'Parameters',
        parameter,
      });
      expect(accepted.status).toBe(200);
      const [certificate] = accepted.body.output as { valueIdentifier: { value: string } }[];
      number = certificate!.valueIdentifier.value;
    });

    test('an insurer verifies a referral that it may not read', async () => {
      expect((await asking(server, insurer, 'GET', `/${task}`)).status).toBe(404);
      const url = `/ServiceRequest/$verify-referral?number=${number}&identifier=${patient}`;
      const { status, body } = await asking(server, insurer, 'GET', url);
      expect(status).toBe(200);
      expect((body as Resource & { parameter: Element[] }).parameter.slice(0, 2)).toEqual([
        { name: 'referred', valueBoolean: true },
        {
          name: 'from',
          valueReference: { reference: 'Organization/qingshi-health-centre', display: '青石镇中心卫生院' },
        },
      ]);
    });

    test('who may not read a referral has no paper of it', async () => {
      for (const actor of [insurer, at('hekou-health-centre')])
        expect((await asking(server, actor, 'GET', `/${task}/$document`)).status).toBe(404);
      for (const actor of [at('qingshi-health-centre'), at('yongan-county-hospital')]) {
        const { status, body } = await asking(server, actor, 'GET', `/${task}/$document`);
        expect(status).toBe(200);
        expect(body.type).toBe('document');
      }
    });
  },
  { AUTH: 'on' },
);
