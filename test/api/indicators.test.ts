import { beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';
import {
  errorsOf,
  example,
  newReferral,
  type ReferralBundle,
  referring,
  replaced,
  the,
} from './referrals.ts';

const hour = 3_600_000;
let now = Date.parse('2026-11-20T02:00:00Z');

interface Group {
  code: { text: string };
  population: {
    code: { coding: { code: string }[] };
    count: number;
    subjectResults?: { reference: string };
  }[];
  measureScore?: { value: number; unit: string };
  stratifier?: {
    code: { text: string }[];
    stratum: { value: { text: string }; population: Group['population'] }[];
  }[];
}

/** Referrals written on another day than the example. */
function writtenOn(day: string, name?: string): ReferralBundle {
  const bundle = newReferral(name);
  const [written] = String(the(bundle, 'ServiceRequest').authoredOn).split('T');
  return replaced(bundle, { [written!]: day });
}

async function evaluated(server: TestServer, measure: string, query = 'period=2026-11'): Promise<Resource> {
  return (await server.get(`/Measure/${measure}/$evaluate-measure?${query}`).expect(200)).body;
}

/** The first group of what a Measure says: its counts by population, and the score. */
async function figures(server: TestServer, measure: string, query?: string) {
  const { group } = (await evaluated(server, measure, query)) as unknown as { group: Group[] };
  const { population, measureScore } = group[0]!;
  return [...population.map(({ count }) => count), measureScore?.value];
}

onEachEngine(
  (server) => {
    const { accepted } = referring(server);
    const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });
    const sent: Record<string, string>[] = [];

    beforeAll(async () => {
      await server.post('/', example('community')).expect(200);
      for (const [day, name] of [
        ['2026-11-16'],
        ['2026-11-17'],
        ['2026-11-18', 'valid/04-acute-coronary-syndrome-to-pci'],
        ['2026-11-17', 'valid/09-down-for-rehabilitation'],
      ] as const)
        sent.push(await accepted(writtenOn(day, name)));
      // Two hours later the hospital accepts the first one, four hours later it rejects the second.
      now += 2 * hour;
      await server
        .post(
          `/Task/${sent[0]!.Task}/$accept`,
          parameters({ name: 'arrival-period', valuePeriod: { end: '2026-11-27T17:30:00+08:00' } }),
        )
        .expect(200);
      now += 2 * hour;
      const system = 'https://w3id.org/zhuanzhen/CodeSystem/reject-reason';
      const reason = { coding: [{ system, code: 'no-capacity' }], text: '无床' };
      await server
        .post(`/Task/${sent[1]!.Task}/$reject`, parameters({ name: 'reason', valueCodeableConcept: reason }))
        .expect(200);
    });

    test('down to up: as many as were written in the period, each side counted by itself', async () => {
      expect(await figures(server, 'down-up-ratio')).toEqual([4, 3, 1, 33.33]);
      expect(await figures(server, 'down-up-ratio', 'period=2026-10')).toEqual([0, 0, 0, undefined]);
    });

    test('who goes to an institution outside of the alliance is told apart', async () => {
      expect(await figures(server, 'out-of-alliance-rate')).toEqual([3, 3, 1, 33.33]);
    });

    test('times are given as median and 90th percentile, in hours', async () => {
      const { group } = (await evaluated(server, 'time-to-answer')) as unknown as { group: Group[] };
      expect(group.map(({ measureScore }) => measureScore)).toMatchObject([
        { value: 3, unit: 'h' },
        { value: 3.8, unit: 'h' },
      ]);
    });

    test('each number is opened down to the referrals behind it', async () => {
      const report = await evaluated(server, 'down-up-ratio', 'period=2026-11&reportType=subject-list');
      const [group] = report.group as unknown as Group[];
      const lists = report.contained as { id: string; entry: { item: { reference: string } }[] }[];
      const down = group!.population.find(({ code }) => code.coding[0]!.code === 'numerator')!;
      const list = lists.find(({ id }) => `#${id}` === down.subjectResults!.reference)!;
      expect(list.entry.map(({ item }) => item.reference)).toEqual([
        `ServiceRequest/${sent[3]!.ServiceRequest}`,
      ]);
    });

    test('by institution, tier and month, with the formula', async () => {
      const report = await evaluated(server, 'down-up-ratio');
      const { stratifier } = (report.group as unknown as Group[])[0]!;
      const strata = Object.fromEntries(
        stratifier!.map(({ code, stratum }) => [
          code[0]!.text,
          stratum.map(({ value, population }) => `${value.text} ${population.map(({ count }) => count)}`),
        ]),
      );
      expect(strata).toMatchObject({
        转出机构: ['河口镇卫生院 1,1,0', '青石镇中心卫生院 2,2,0', '永安县人民医院 1,0,1'],
        月份: ['2026-11 4,3,1'],
      });
      expect((report.text as Element).div).toContain('下转人次 ÷ 上转人次');
    });

    test('of one patient there is an individual report', async () => {
      const report = await evaluated(
        server,
        'down-up-ratio',
        `period=2026-11&subject=Patient/${sent[0]!.Patient}`,
      );
      expect(report).toMatchObject({
        type: 'individual',
        subject: { reference: `Patient/${sent[0]!.Patient}` },
      });
      expect((report.group as unknown as Group[])[0]!.population.map(({ count }) => count)).toEqual([
        1, 1, 0,
      ]);
    });

    test('first contacts are counted by where they were', async () => {
      // The encounters that the referrals came with: three at the health centre, one at the hospital.
      expect(await figures(server, 'grassroots-first-contact-rate')).toEqual([4, 4, 3, 75]);
    });

    test('what needs the data of others says so until these are imported, and makes nothing up', async () => {
      const before = await evaluated(server, 'in-county-treatment-rate');
      expect(before.status).toBe('pending');
      expect((before.group as unknown as Group[])[0]!.measureScore).not.toHaveProperty('value');
      expect((before.text as Element).div).toContain('导入');
      const code = {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'initial-population' },
        ],
      };
      const { body: imported } = await server
        .post('/MeasureReport', {
          resourceType: 'MeasureReport',
          status: 'complete',
          type: 'summary',
          measure: 'https://w3id.org/zhuanzhen/Measure/visits-outside-county',
          period: { start: '2026-11-01', end: '2026-11-30' },
          group: [{ population: [{ code, count: 1 }] }],
        })
        .expect(201);
      const after = await evaluated(server, 'in-county-treatment-rate');
      expect(after).toMatchObject({
        status: 'complete',
        evaluatedResource: [{ reference: `MeasureReport/${imported.id}` }],
      });
      expect((after.group as unknown as Group[])[0]!.measureScore!.value).toBe(80);
    });

    test('all indicators of the set come together, each a MeasureReport that is valid', async () => {
      const { body } = await server.get('/$indicators?period=2026-Q4').expect(200);
      expect(body.entry).toHaveLength(10);
      for (const { resource } of body.entry) {
        const { body: outcome } = await server.post('/MeasureReport/$validate', resource).expect(200);
        expect([resource.measure, errorsOf(outcome)]).toEqual([resource.measure, []]);
      }
      const { body: national } = await server.get('/$indicators?set=national-2024&period=2026').expect(200);
      expect(national.entry.map(({ resource }: { resource: Resource }) => resource.status)).toEqual(
        Array(14).fill('pending'),
      );
    });

    test('of one institution it counts what that institution is counted by', async () => {
      const of = (id: string) =>
        figures(server, 'time-to-answer', `period=2026-11&organization=Organization/${id}`);
      expect(await of('yongan-county-hospital')).toEqual([2, 2, 3]);
      expect(await of('qingshi-health-centre')).toEqual([0, 0, undefined]);
    });

    test('a platform gets figures of all, and no list', async () => {
      const platform = { 'X-Acting-Organization': 'Organization/platform', 'X-Acting-Roles': 'platform' };
      await server.get('/$indicators?period=2026-11').set(platform).expect(200);
      await server.get('/$indicators?period=2026-11&reportType=subject-list').set(platform).expect(403);
    });

    test.each([
      ['set=unknown', 'invalid'],
      ['period=soon', 'invalid'],
      ['reportType=novel', 'invalid'],
      ['reportType=individual', 'invalid'],
      ['shoe=42', 'not-supported'],
    ])('%s is refused', async (query, code) => {
      const { body } = await server.get(`/$indicators?${query}`).expect(400);
      expect(errorsOf(body)).toEqual([code]);
    });
  },
  {},
  () => now,
);
