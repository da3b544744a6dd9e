import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import type { Element } from '../../src/fhir/resource.ts';
import { localTime } from '../../src/referral/registers/local-time.ts';
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
let now = Date.parse('2026-11-18T02:00:00Z');

const csv = { Accept: 'text/csv' };
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const hospital = 'Organization/yongan-county-hospital';

/** The rows of a ledger as CSV, each by its headings. */
async function rowsOf(
  server: TestServer,
  query: string,
  path = '/$ledger',
): Promise<Record<string, string>[]> {
  const { text } = await server.get(`${path}?${query}`).set(csv).expect(200);
  expect(text.startsWith('\ufeff')).toBe(true);
  return parse(text, { bom: true, columns: true });
}

/** A referral written on another day than the example. */
function writtenOn(day: string, name?: string): ReferralBundle {
  const bundle = newReferral(name);
  const [written] = String(the(bundle, 'ServiceRequest').authoredOn).split('T');
  return replaced(bundle, { [written!]: day });
}

onEachEngine(
  (server) => {
    const { accepted } = referring(server);
    const ids: Record<string, string>[] = [];
    const parameters = (...parameter: Element[]) => ({ resourceType: 'Parameters', parameter });

    beforeAll(async () => {
      await server.post('/', example('community')).expect(200);
      ids.push(await accepted(writtenOn('2026-11-16')));
      ids.push(await accepted(writtenOn('2026-11-17', 'valid/03-stroke-within-window')));
      ids.push(await accepted(writtenOn('2026-11-18', 'valid/08-village-to-township')));
      // The hospital accepts the first one a day late.
      now += 26 * hour;
      await server.post(`/Task/${ids[0]!.Task}/$acknowledge`, { resourceType: 'Parameters' }).expect(200);
      await server
        .post(
          `/Task/${ids[0]!.Task}/$accept`,
          parameters({ name: 'arrival-period', valuePeriod: { end: '2026-11-23T17:30:00+08:00' } }),
        )
        .expect(200);
    });

    test('each row is a referral, in the columns that offices know', async () => {
      const [first, ...others] = await rowsOf(server, 'period=2026-W47');
      expect(others).toHaveLength(2);
      expect(first).toMatchObject({
        序号: '1',
        方向: '上转',
        优先级: '普通',
        诊断: '高血压',
        诊断编码: 'I10.x00x002',
        转诊指征: '高血压规律治疗后未达标或难治性高血压',
        转出机构: '青石镇中心卫生院',
        转诊医生: '陈立新',
        接收机构: '永安县人民医院',
        接收科室: '心血管内科',
        转诊联络员: '李慧',
        提出时间: '2026-11-16 09:40',
        签收时间: localTime(now),
        答复时间: localTime(now),
        到诊时间: '',
        转诊结果: '待预约',
        是否逾期: '是',
        逾期环节: expect.stringContaining('签收'),
      });
    });

    test('as XLSX it has the same rows', async () => {
      const { body } = await server
        .get('/$ledger?period=2026-W47&_format=xlsx')
        .buffer(true)
        .parse((answer, done) => {
          const pieces: Buffer[] = [];
          answer.on('data', (piece: Buffer) => pieces.push(piece));
          answer.on('end', () => done(null, Buffer.concat(pieces)));
        })
        .expect('Content-Type', xlsx)
        .expect(200);
      const [headings, ...rows] = await readSheet(body as Buffer);
      const written = await rowsOf(server, 'period=2026-W47');
      expect(headings).toEqual(Object.keys(written[0]!));
      expect(rows.map((row) => row.map((cell) => String(cell ?? '')))).toEqual(
        written.map((row) => Object.values(row)),
      );
    });

    test('in FHIR it is paged: the Tasks are matches, and what they name is included', async () => {
      const tasks: string[] = [];
      let url = '/$ledger?period=2026-W47&_count=2';
      while (url) {
        const { body } = await server.get(url).expect(200);
        for (const { resource, search } of body.entry ?? []) {
          if (search.mode === 'match') tasks.push(resource.id);
          else
            expect(['ServiceRequest', 'Patient', 'Organization', 'PractitionerRole', 'Condition']).toContain(
              resource.resourceType,
            );
        }
        const next = body.link.find(({ relation }: { relation: string }) => relation === 'next')?.url;
        url = next ? next.slice(server.base.length) : '';
      }
      expect(tasks).toEqual(ids.map(({ Task }) => Task));
    });

    test.each([
      ['period=2026-W48', 0],
      ['period=2026-11', 3],
      ['start=2026-11-16&end=2026-11-16', 1],
      ['start=2026-11-01&end=2026-11-15', 0],
      [`organization=${hospital}&period=2026`, 2],
      [`organization=${hospital}&period=2026&role=referring`, 0],
      ['organization=Organization/qingshi-health-centre&period=2026-Q4&role=receiving', 1],
      ['organization=Organization/qingshi-health-centre&period=2026-Q4&role=referring', 2],
      ['department=HealthcareService/yongan-cardiology&period=2026', 1],
      ['direction=up&period=2026', 3],
      ['direction=down&period=2026', 0],
    ])('%s has %i rows', async (query, count) => {
      expect(await rowsOf(server, query)).toHaveLength(count);
    });

    test('of one institution it is asked for at its address; of none there is none', async () => {
      expect(await rowsOf(server, 'period=2026', `/${hospital}/$ledger`)).toHaveLength(2);
      await server.get('/Organization/never-was/$ledger').expect(404);
    });

    test('without a period it is that of the present week', async () => {
      expect(await rowsOf(server, '')).toHaveLength(3);
    });

    test('what would run as a formula in a spreadsheet is a text there', async () => {
      const bundle = writtenOn('2026-10-05');
      const [reason] = the(bundle, 'ServiceRequest').reasonCode as Element[];
      reason!.text = '=HYPERLINK("http://example.org","请点击")';
      await accepted(bundle);
      const [row] = await rowsOf(server, 'period=2026-10');
      expect(row!.转诊原因).toBe(`'=HYPERLINK("http://example.org","请点击")`);
    });

    test.each([
      'period=soon',
      'period=2026-13',
      'start=2026-11-01',
      'start=2026-11-02&end=2026-11-01',
      'role=looking-on',
      'direction=sideways',
      'organization=Patient/1',
      'department=Organization/x',
      '_count=none',
      'shoe=42',
    ])('%s is refused, with what is wrong', async (query) => {
      const { body } = await server.get(`/$ledger?${query}`).expect(400);
      expect(errorsOf(body)).toHaveLength(1);
    });

    test('a platform gets figures, no cases', async () => {
      const { body } = await server
        .get('/$ledger')
        .set({ 'X-Acting-Organization': hospital, 'X-Acting-Roles': 'platform' })
        .expect(403);
      expect(body.issue[0].details.text).toContain('$indicators');
    });

    test('a county leaves out columns and names them as it likes', async () => {
      const concept = [
        { code: 'number', display: '单号' },
        { code: 'outcome', display: '去向' },
      ];
      const url = 'https://w3id.org/zhuanzhen/CodeSystem/ledger-column';
      const system = {
        resourceType: 'CodeSystem',
        id: 'ledger-column',
        url,
        status: 'active',
        content: 'complete',
        concept,
      };
      await server.put('/CodeSystem/ledger-column', system).expect(201);
      const [row] = await rowsOf(server, 'period=2026-W47');
      expect(Object.keys(row!)).toEqual(['单号', '去向']);
      await server.delete('/CodeSystem/ledger-column').expect(204);
    });
  },
  {},
  () => now,
);
