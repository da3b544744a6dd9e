import { beforeAll, expect, test } from '@jest/globals';
import { createRandom } from '../../src/county-year/random.ts';
import {
  createEncounterCache,
  type DayOfEncounters,
  type EncounterCache,
} from '../../src/referral/registers/encounter-cache.ts';
import { readPeriod } from '../../src/referral/registers/period.ts';
import { onEachEngine } from '../environment/server.ts';
import { example } from './referrals.ts';

const statuses = ['finished', 'in-progress', 'planned', 'cancelled', 'entered-in-error'] as const;
const providers = ['yongan-county-hospital', 'qingshi-health-centre', 'liugou-clinic'] as const;

onEachEngine((server) => {
  const period = readPeriod('2026-Q4')!;

  async function said(cache: EncounterCache): Promise<DayOfEncounters[]> {
    const { store, now } = server.running.server;
    const sums: DayOfEncounters[] = [];
    for await (const some of cache.within(() => store, { now: now() }, period)) sums.push(...some);
    return sums.sort((a, b) => (`${a.day} ${a.provider}` < `${b.day} ${b.provider}` ? -1 : 1));
  }

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('sums that were kept agree with a recount after random visits, corrections and deletions', async () => {
    const cache = createEncounterCache();
    const random = createRandom(12);
    /** What there is, by id: the oracle. */
    const visits = new Map<string, { day: string; provider: string; status: string }>();
    for (let turn = 0; turn < 40; turn++) {
      const id = `visit-${random.between(0, 9)}`;
      if (visits.has(id) && random.chance(0.2)) {
        await server.delete(`/Encounter/${id}`).expect(204);
        visits.delete(id);
      } else {
        const day = `2026-1${random.between(0, 2)}-${String(random.between(1, 28))}`.replace(
          /-(\d)$/,
          '-0$1',
        );
        const visit = {
          day,
          provider: `Organization/${random.one(providers)}`,
          status: random.one(statuses),
        };
        await server
          .put(`/Encounter/${id}`, {
            ...{ resourceType: 'Encounter', id, status: visit.status },
            class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
            period: { start: `${day}T00:30:00+08:00` },
            serviceProvider: { reference: visit.provider },
          })
          .expect((response) => expect([200, 201]).toContain(response.status));
        visits.set(id, visit);
      }
      const kept = await said(cache);
      expect(kept).toEqual(await said(createEncounterCache()));
      const counted = new Map<string, number>();
      for (const { day, provider, status } of visits.values())
        if (status === 'finished' || status === 'in-progress')
          counted.set(`${day} ${provider}`, (counted.get(`${day} ${provider}`) ?? 0) + 1);
      expect(
        new Map(kept.map(({ day, provider, byThemselves }) => [`${day} ${provider}`, byThemselves])),
      ).toEqual(new Map([...counted].sort(([a], [b]) => (a < b ? -1 : 1))));
    }
  });
});
