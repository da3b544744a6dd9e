import { beforeAll, expect, test } from '@jest/globals';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral } from '../api/referrals.ts';
import { apiKey, clientDevice, given, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';
import { asking, consentOf, system } from './asking.ts';

const hour = 3_600_000;
const township: Actor = { organization: 'Organization/qingshi-health-centre', roles: ['referrer'] };
const clinic: Actor = { organization: 'Organization/shiqiao-clinic', roles: ['family-doctor'] };

/** The clock of the machine, which is only moved by the tests. */
let now = Date.now();
const at = (hours: number) => new Date(now + hours * hour).toISOString();

onEachEngine(
  (server) => {
    const hospital = apiKey('hospital');
    const family = apiKey('family');
    let condition: string;
    let patient: string;

    beforeAll(async () => {
      await asking(server, system, 'POST', '/', example('community'));
      await given(
        server,
        clientDevice('hospital', {
          roles: ['receiver'],
          organization: 'Organization/yongan-county-hospital',
          apiKeys: [hospital.registered],
        }),
        clientDevice('family', {
          roles: ['family-doctor'],
          organization: 'Organization/shiqiao-clinic',
          apiKeys: [family.registered],
        }),
      );
      const sent = await asking(server, township, 'POST', '/', newReferral());
      [condition, patient] = ['Condition', 'Patient'].map(
        (type) => sent.shown.find((path) => path.startsWith(`${type}/`))!,
      ) as [string, string];
    });

    /** Whether a read, a search and its total all show the diagnosis; they must agree. */
    const sees = async ({ key }: { key: string }) => {
      const get = (path: string) => server.get(path).set('X-Api-Key', key);
      const [, id] = condition.split('/');
      const { status } = await get(`/${condition}`);
      const found = await get(`/Condition?_id=${id}&_total=accurate`);
      const isSeen = status === 200;
      expect([found.status, found.body.total]).toEqual([200, isSeen ? 1 : 0]);
      return isSeen;
    };

    test('a denial begins and ends to hold at its instants, and nothing has to run for it', async () => {
      const denial = await asking(
        server,
        township,
        'POST',
        '/Consent',
        consentOf(patient, { type: 'deny', period: { start: at(1), end: at(2) } }),
      );
      expect(denial.status).toBe(201);
      expect(await sees(hospital)).toBe(true);
      now += hour - 1;
      expect(await sees(hospital)).toBe(true);
      now += 2;
      expect(await sees(hospital)).toBe(false);
      now += hour - 3;
      expect(await sees(hospital)).toBe(false);
      now += 3;
      expect(await sees(hospital)).toBe(true);
    });

    test('the family doctors read from the day of the signature to its end', async () => {
      // A message by which the clinic knows the patient, without more.
      const made = await asking(server, township, 'POST', '/Task', {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code: { text: '签约' },
        for: { reference: patient },
        requester: { reference: township.organization },
        owner: { reference: clinic.organization },
      });
      expect(made.status).toBe(201);
      expect(await sees(family)).toBe(false);
      const signed = await asking(server, clinic, 'POST', '/CareTeam', {
        resourceType: 'CareTeam',
        status: 'active',
        category: [{ coding: [{ code: 'family-doctor' }] }],
        subject: { reference: patient },
        period: { start: at(24), end: at(48) },
        managingOrganization: [{ reference: clinic.organization }],
      });
      expect(signed.status).toBe(201);
      expect(await sees(family)).toBe(false);
      now += 24 * hour + 1;
      expect(await sees(family)).toBe(true);
      now += 24 * hour;
      expect(await sees(family)).toBe(false);
    });
  },
  secure,
  () => now,
);
