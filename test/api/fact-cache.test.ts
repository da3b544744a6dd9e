import { beforeAll, expect, test } from '@jest/globals';
import { createRandom } from '../../src/county-year/random.ts';
import type { Element } from '../../src/fhir/resource.ts';
import { createReferences } from '../../src/referral/reference.ts';
import { createFactCache, type FactCache } from '../../src/referral/registers/fact-cache.ts';
import type { Fact } from '../../src/referral/registers/facts.ts';
import { readPeriod } from '../../src/referral/registers/period.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, referring, replaced } from './referrals.ts';

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  const period = readPeriod('2026-11')!;
  const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });

  /** What a cache says of the month. */
  async function said(cache: FactCache): Promise<Fact[]> {
    const { store, now } = server.running.server;
    const source = { references: createReferences(server.base), now: now() };
    const facts: Fact[] = [];
    for await (const some of cache.within(() => store, source, period)) facts.push(...some);
    return facts;
  }

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('after a random history of steps, corrections and deletions it says what a recount says', async () => {
    const cache = createFactCache();
    const random = createRandom(2026);
    const open: Record<string, string>[] = [];
    for (let turn = 0; turn < 14; turn++) {
      const one = open.length > 0 ? random.one(open) : undefined;
      const act = one ? random.between(0, 5) : 0;
      const step = (name: string, ...given: Element[]) =>
        server.post(
          `/Task/${one!.Task}/${name}`,
          given.length > 0 ? parameters(...given) : { resourceType: 'Parameters' },
        );
      switch (act) {
        case 0: {
          const day = `2026-11-${String(random.between(17, 27))}`;
          const bundle = replaced(newReferral(), {
            '2026-11-16': day,
            '2026-11-23T17:30': '2099-12-31T17:30',
          });
          open.push(await accepted(bundle));
          break;
        }
        case 1:
          await step('$acknowledge');
          break;
        case 2:
          await step('$accept', {
            name: 'arrival-period',
            valuePeriod: { end: '2099-12-31T17:30:00+08:00' },
          });
          break;
        case 3:
          await step('$cancel', { name: 'reason', valueCodeableConcept: { text: '患者放弃' } });
          break;
        case 4: {
          const condition = await read('Condition', one!.Condition!);
          const coding = [
            { system: 'urn:oid:2.16.156.10011.2.3.3.11.3', code: `I2${turn % 5}.000`, display: '改' },
          ];
          await server.put(`/Condition/${one!.Condition}`, { ...condition, code: { coding, text: '改' } });
          break;
        }
        default:
          // Refused while it is under way, done once it has ended.
          await server.delete(`/Task/${one!.Task}`);
      }
      const recount = await said(createFactCache());
      expect(await said(cache)).toEqual(recount);
      expect(recount.length).toBeGreaterThan(0);
    }
    expect(new Set((await said(cache)).map(({ state }) => state)).size).toBeGreaterThan(1);
  });
});
