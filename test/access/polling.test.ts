import { beforeAll, expect, test } from '@jest/globals';
import { example, newReferral } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { asking, at } from './asking.ts';

onEachEngine(
  (server) => {
    const township = at('qingshi-health-centre');
    const hospital = at('yongan-county-hospital');
    const other = at('linjiang-municipal-hospital');
    const system = { roles: [], isSystem: true } as const;
    const path = '/ServiceRequest?_lastUpdated=gt2020-01-01';
    beforeAll(async () => {
      await asking(server, system, 'POST', '/', example('community'));
    });

    /** The answer to a poll: its status, and the entity tag. */
    async function poll(who: typeof township, ifNoneMatch?: string) {
      const { router, server: running } = server.running;
      const { seenBy } = await import('../../src/access/seen-by.ts');
      const matched = router('GET', ['ServiceRequest']);
      const { status, headers } = await matched.route.run(seenBy(running, who), {
        method: 'GET',
        query: [['_lastUpdated', 'gt2020-01-01']],
        prefer: {},
        ...matched.address,
        ...(ifNoneMatch !== undefined && { ifNoneMatch }),
      });
      return { status, tag: headers!.ETag! };
    }

    test('304 says that nothing has changed of what the one who asks may see: rights that are given are a change', async () => {
      const sent = await asking(server, township, 'POST', '/', newReferral());
      const task = sent.shown.find((each) => each.startsWith('Task/'))!;
      const [before, own] = [await poll(other), await poll(hospital)];
      expect((await poll(other, before.tag)).status).toBe(304);
      expect((await poll(other, own.tag)).status).toBe(200);

      // Sent on to the other hospital, the referral itself stays the version that it was.
      const parameter = [
        { name: 'receiver', valueReference: { reference: 'Organization/linjiang-municipal-hospital' } },
        { name: 'reason', valueCodeableConcept: { text: '无床位' } },
      ];
      const body = { resourceType: 'Parameters', parameter };
      const redirected = await asking(server, hospital, 'POST', `/${task}/$redirect`, body);
      expect(redirected.status).toBe(200);
      expect((await poll(other, before.tag)).status).toBe(200);
      expect((await asking(server, other, 'GET', path)).body.entry).toHaveLength(1);
    });
  },
  { AUTH: 'on' },
);
