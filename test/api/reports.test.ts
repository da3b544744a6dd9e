import { beforeAll, expect, test } from '@jest/globals';
import { generateYear } from '../../src/county-year/generate.ts';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { errorsOf } from './referrals.ts';

interface Made {
  entry: { resource: Resource & { id: string } }[];
}

/** Forty referrals of a made-up year. */
const [community, ...referrals] = [
  ...generateYear({ referrals: 40, seed: 5, year: 2025 }),
] as unknown as Made[];

/** Inpatient episodes that are over, with the township that referred or takes back, and the month in which they ended. */
const episodes = referrals.flatMap(({ entry }) => {
  const find = (type: string, part: string) =>
    entry.find(({ resource }) => resource.resourceType === type && resource.id.endsWith(part))?.resource;
  const episode = find('Encounter', '-episode');
  const task = find('Task', '-onward') ?? find('Task', '-task');
  const kind = (episode?.class as Element | undefined)?.code;
  const end = (episode?.period as { end?: string } | undefined)?.end;
  const township = (task!.requester as { reference: string }).reference;
  return kind === 'IMP' && end ? [{ id: episode!.id, month: end.slice(0, 7), township }] : [];
});

onEachEngine(
  (server) => {
    beforeAll(async () => {
      await server.post('/', community).expect(200);
      for (const referral of referrals) await server.post('/', referral).expect(200);
    });

    test('each township is told of the inpatient episodes of its residents that ended within a month', async () => {
      const { township, month } = episodes[0]!;
      const { body } = await server.get(`/${township}/$monthly-feedback?period=${month}`).expect(200);
      const resources = (body.entry as { resource: Resource }[]).map(({ resource }) => resource);
      const of = (type: string) => resources.filter(({ resourceType }) => resourceType === type);
      const wanted = episodes.filter((each) => each.township === township && each.month === month);
      expect(
        of('Encounter')
          .map(({ id }) => id)
          .sort(),
      ).toEqual(wanted.map(({ id }) => id).sort());
      expect(of('Patient')).toHaveLength(wanted.length);
      expect(of('Condition').length).toBeGreaterThan(0);
      expect(JSON.stringify(of('Composition'))).toContain('下一步治疗方案');
    });

    test('its delivery is on record as a Communication to the township, once by POST, and not by GET', async () => {
      const { township, month } = episodes[0]!;
      await server.get(`/${township}/$monthly-feedback?period=${month}&deliver=true`).expect(200);
      const parameter = [
        { name: 'period', valueString: month },
        { name: 'deliver', valueBoolean: true },
      ];
      await server
        .post(`/${township}/$monthly-feedback`, { resourceType: 'Parameters', parameter })
        .expect(200);
      const { body } = await server.get(`/Communication?recipient=${township}`).expect(200);
      expect(body.entry).toHaveLength(1);
      expect(body.entry[0].resource).toMatchObject({
        status: 'completed',
        recipient: [{ reference: township }],
      });
    });

    test('the quarterly analysis is a MeasureReport with strata, and a page with charts and text', async () => {
      const path = '/Measure/quarterly-out-analysis/$evaluate-measure?period=2025';
      const { body } = await server.get(path).expect(200);
      const [group] = body.group as {
        population: { count: number }[];
        stratifier: { code: { text: string }[] }[];
      }[];
      expect(group!.population[0]!.count).toBeGreaterThan(10);
      expect(group!.stratifier.map(({ code }) => code[0]!.text)).toEqual([
        '病种(ICD-10 章)',
        '病种(ICD-10 类目)',
        '接收机构',
        '接收机构层级',
        '转诊原因(指征)',
        '转出机构',
        '月份',
      ]);
      const { body: outcome } = await server.post('/MeasureReport/$validate', body).expect(200);
      expect(errorsOf(outcome)).toEqual([]);

      const { text, headers } = await server.get(`${path}&_format=html`).expect(200);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(text).toContain('转出病人季度分析(2025)');
      expect(text).toMatch(/<svg[^>]*>.*<rect/s);
      expect(text).toMatch(/共 \d+ 项,居前的为:/);
    });

    test('all indicators stand on one page, with their formulas', async () => {
      const { text } = await server.get('/$indicators?period=2025&_format=html').expect(200);
      expect(text.match(/class="formula"/g)).toHaveLength(10);
      expect(text).toContain('目标 55%');
    });

    test('the assessment tells completeness, timeliness and accuracy by institution and person', async () => {
      const { body } = await server.get('/$indicators?set=assessment&period=2025').expect(200);
      const text = JSON.stringify(body);
      for (const name of ['填报完整率', '转出方及时率', '接收方及时率', '登记准确率'])
        expect(text).toContain(name);
      expect(text).toContain('PractitionerRole/');
    });

    test('counts that only people know come in as a table, and again in the place of what they said', async () => {
      const table = (count: number) =>
        `指标,机构,时段,数量\n培训场次,永安县人民医院,2025-11,${count}\ntele-teaching,yongan-county-hospital,2025-Q4,176\n`;
      const send = (csv: string) =>
        server.post('/$import-counts', {
          resourceType: 'Parameters',
          parameter: [{ name: 'csv', valueString: csv }],
        });
      await send(table(12)).expect(200);
      await send(table(15)).expect(200);
      const { body } = await server.get('/$indicators?set=hand-counts&period=2025-Q4').expect(200);
      const training = body.entry.find(({ resource }: { resource: Resource }) =>
        String(resource.measure).includes('/training-sessions'),
      ).resource;
      expect(training.group[0].population[0].count).toBe(15);
      expect(training.evaluatedResource).toHaveLength(1);

      const { body: refused } = await send(
        '指标,机构,时段,数量\n跳绳,永安县人民医院,2025-11,3\n培训场次,无名医院,昨天,-1\n',
      ).expect(422);
      expect(
        refused.issue.map(({ details }: { details: { text: string } }) => details.text.slice(0, 5)),
      ).toEqual(['第 2 行', '第 3 行', '第 3 行', '第 3 行']);
      const data = Buffer.from(table(16)).toString('base64');
      await server
        .post('/$import-counts', { resourceType: 'Binary', contentType: 'text/csv', data })
        .expect(200);
    });
  },
  { IMPORT_HISTORY: 'true' },
);
