import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import request from 'supertest';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { csvOf, type TownshipRow, townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const township = 'Organization/qingshi-health-centre';
const sheet = readFileSync(new URL('../../examples/intake/referrals.csv', import.meta.url), 'utf8');

onEachEngine((server) => {
  const post = (body: string | object | Buffer, type: string, query = '') =>
    request(new URL(server.base).origin)
      .post(`/intake/referrals${query}`)
      .set('X-Acting-Organization', township)
      .set('Content-Type', type)
      .send(body);
  const send = (rows: TownshipRow | TownshipRow[], query = '') => post(rows, 'application/json', query);
  const read = async (path: string): Promise<Resource> => (await server.get(`/${path}`).expect(200)).body;
  const isKept = async (number: unknown) => {
    const { body } = await server.get(`/ServiceRequest?identifier=${encodeURIComponent(String(number))}`);
    return (body.entry ?? []).length > 0;
  };
  /** The problems of a row, each as its column and rule. */
  const problemsOf = (result: { problems: Element[] }) =>
    result.problems.map(({ column, rule }) => [column, rule].filter(Boolean).join(' '));

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  describe('a table', () => {
    test('as CSV becomes a referral for each row, with its Task, and is answered with both', async () => {
      const { body } = await post(sheet, 'text/csv').expect(200);
      expect(body).toMatchObject({ rows: 2, accepted: 2, repeated: 0, refused: 0 });
      const [first] = body.results;
      expect(first).toMatchObject({
        row: 2,
        result: 'accepted',
        number: 'QS20261116-001',
        state: 'requested:submitted',
        waitingFor: 'Organization/yongan-county-hospital',
      });
      const referral = await read(first.referral);
      expect(referral).toMatchObject({
        priority: 'routine',
        requester: { reference: 'PractitionerRole/chen-lixin-qingshi' },
        performer: [{ reference: 'Organization/yongan-county-hospital' }],
        performerType: { coding: [{ code: '03.04' }] },
        authoredOn: '2026-11-16T09:40:00+08:00',
      });
      expect(await read(first.task)).toMatchObject({
        focus: { reference: first.referral },
        status: 'requested',
      });
      expect(await read(first.patient)).toMatchObject({ gender: 'female', birthDate: '1958-03-14' });
    });

    test('in GB18030 is the same', async () => {
      // 王秀兰 and the like, as Windows writes them; what has no letter outside of ASCII stays.
      const row = townshipRow();
      const utf8 = csvOf([row]);
      const gbk = Buffer.from(encodeGb18030(utf8));
      const { body } = await post(gbk, 'text/csv').expect(200);
      expect(body.results[0]).toMatchObject({ result: 'accepted', number: row.转诊单号 });
    });

    test('is answered row by row where some are refused, in CSV where that is asked for', async () => {
      const rows = [townshipRow(), townshipRow({ 血压: '186/100' }), townshipRow({ 申请医生编号: '999' })];
      const { body } = await post(csvOf(rows), 'text/csv').expect(207);
      expect(body).toMatchObject({ accepted: 1, refused: 2 });
      expect(body.results.map(({ row, result }: Element) => `${row} ${result}`)).toEqual([
        '2 accepted',
        '3 refused',
        '4 refused',
      ]);
      expect(problemsOf(body.results[1])).toEqual(['紧急程度 up-htn-urgent']);
      expect(problemsOf(body.results[2])).toEqual(['申请医生编号']);
      expect(await isKept(rows[1]!.转诊单号)).toBe(false);

      const { text } = await post(csvOf(rows), 'text/csv').set('Accept', 'text/csv').expect(207);
      expect(text.startsWith('\uFEFF行号,结果,转诊单号')).toBe(true);
      expect(text).toContain('重复');
      expect(text).toContain('up-htn-urgent');
    });
  });

  describe('a row', () => {
    test('in JSON with English names is taken in as one with Chinese names', async () => {
      const { residentId } = { residentId: String(townshipRow().身份证号) };
      const { body } = await send({
        referralNumber: `EN-${residentId.slice(-6)}`,
        direction: 'up',
        priority: 'urgent',
        indication: ['up-complex'],
        doctor_name: '陈立新',
        'receiver-code': '12629901MB00090136',
        'department-code': 'A0304',
        authored: '2026-11-16',
        'patient-name': '王秀兰',
        sex: Number(residentId[16]) % 2 === 1 ? 'male' : 'female',
        'resident-id': residentId,
        diagnosis: 'J18.900 肺炎',
        consent: true,
      }).expect(200);
      const referral = await read(body.results[0].referral);
      expect(referral).toMatchObject({
        requester: { reference: 'PractitionerRole/chen-lixin-qingshi' },
        performerType: { coding: [{ code: '03.04' }] },
      });
      const [reason] = referral.reasonReference as { reference: string }[];
      expect(await read(reason!.reference)).toMatchObject({
        code: { coding: [{ code: 'J18.900', display: '肺炎' }], text: '肺炎' },
      });
    });

    test('that is sent again is answered with what is there, and with other contents refused', async () => {
      const row = townshipRow();
      const { body: first } = await send(row).expect(200);
      const { body: again } = await send(row).expect(200);
      expect(again).toMatchObject({ accepted: 0, repeated: 1 });
      expect(again.results[0]).toMatchObject({
        referral: first.results[0].referral,
        task: first.results[0].task,
      });

      for (const changes of [{ 转诊原因: '别的原因' }, { 血压: '158/96;164/98' }, { 血压: '158/96' }]) {
        const { body } = await send({ ...row, ...changes }).expect(409);
        expect(body.results[0]).toMatchObject({ result: 'refused', status: 409 });
      }
    });

    test('is refused with each column that is wrong, what was found and what is expected', async () => {
      const row = townshipRow({ 性别: '甲', 申请日期: '5/1/2026', 心率: '快', 知情同意: '也许' });
      delete row.转诊诊断;
      delete row.转诊诊断编码;
      const { body } = await send(row).expect(422);
      const [{ problems }] = body.results;
      expect(problems.map(({ column }: Element) => column).sort()).toEqual(
        ['性别', '申请日期', '心率', '知情同意', '转诊诊断'].sort(),
      );
      for (const problem of problems)
        expect(problem).toMatchObject({ expected: { zh: expect.any(String), en: expect.any(String) } });
      expect(problems.find(({ column }: Element) => column === '申请日期')).toMatchObject({
        found: '5/1/2026',
        text: { zh: expect.stringContaining('分不清') },
      });
    });

    test('brings vital signs and results as Observations, with symptoms, insurance and the national form', async () => {
      const row = townshipRow({
        血压: '',
        收缩压: 150,
        体温: '36.5℃',
        血氧饱和度: '97%',
        体重: '60公斤',
        酮体: '阴性',
        症状: 'R51.x00 头痛',
        费用类别: '城乡居民',
        主要现病史: '头昏<3个月 & 乏力',
        主要既往史: '无',
        治疗经过: '口服降压药',
      });
      const { body } = await send(row).expect(200);
      const { supportingInfo, insurance } = (await read(body.results[0].referral)) as Resource & {
        supportingInfo: { reference: string }[];
        insurance: { reference: string }[];
      };
      const shown = await Promise.all(
        [...supportingInfo, ...insurance].map(({ reference }) => read(reference)),
      );
      const observations = shown.filter(({ resourceType }) => resourceType === 'Observation');
      const codes = observations.map(({ code }) =>
        (code as { coding: Element[] }).coding.map((each) => each.code).join('+'),
      );
      expect(codes.sort()).toEqual(['2514-8', '29463-7', '59408-5+2708-6', '8310-5', '85354-9', '8867-4']);
      const of = (type: string) => shown.find(({ resourceType }) => resourceType === type);
      expect(of('Coverage')).toMatchObject({ type: { coding: [{ code: '02' }] } });
      expect(of('Condition')).toMatchObject({ code: { coding: [{ code: 'R51.x00' }] } });
      expect(of('Composition')).toMatchObject({ title: '双向转诊(转出)单' });
      for (const resource of shown) {
        const { body: outcome } = await server
          .post(`/${resource.resourceType}/$validate`, resource)
          .expect(200);
        expect(outcome.issue.filter(({ severity }: Element) => severity === 'error')).toEqual([]);
      }
    });

    test('keeps to the schema that is published, by which others find the same wrong', async () => {
      const { body: schema } = await request(new URL(server.base).origin)
        .get('/intake/referrals/schema')
        .expect(200);
      const check = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
      expect(check(townshipRow())).toBe(true);
      expect(check([townshipRow(), townshipRow()])).toBe(true);
      for (const wrong of [{ 性别: '甲' }, { 申请日期: '5/1/2026' }, { 心率: '快' }, { 患者姓名: undefined }])
        expect(check(JSON.parse(JSON.stringify(townshipRow(wrong))))).toBe(false);
    });

    test('in a file of a form is taken in as in a body', async () => {
      const row = townshipRow();
      const { body } = await request(new URL(server.base).origin)
        .post('/intake/referrals')
        .set('X-Acting-Organization', township)
        .attach('file', Buffer.from(csvOf([row])), '转诊.csv')
        .expect(200);
      expect(body.results[0]).toMatchObject({ result: 'accepted', number: row.转诊单号 });
    });

    test('that a rule refuses is told the column by which it is mended', async () => {
      const { body } = await send(townshipRow({ 知情同意: '否' })).expect(422);
      expect(problemsOf(body.results[0])).toEqual(['知情同意 doc-consent']);
    });

    test('is only judged, or only shown as a bundle, where that is asked for', async () => {
      const rows = [townshipRow(), townshipRow({ 血压: '186/100' })];
      const { body } = await send(rows, '?dry-run=true').expect(200);
      expect(body).toMatchObject({ dryRun: true, accepted: 1, refused: 1 });
      const { body: bundle } = await send(rows[0]!, '?format=bundle').expect(200);
      expect(await isKept(rows[0]!.转诊单号)).toBe(false);

      const { body: sent } = await server.post('/', bundle).expect(200);
      expect(sent.type).toBe('transaction-response');
      expect(await isKept(rows[0]!.转诊单号)).toBe(true);
      const { body: again } = await send(rows[0]!).expect(200);
      expect(again).toMatchObject({ repeated: 1 });
    });
  });

  describe('the list', () => {
    const list = (query: string) => request(new URL(server.base).origin).get(`/intake/referrals?${query}`);

    test('says of each referral that has changed where it is, and what is owed by whom until when', async () => {
      const since = new Date(server.running.server.now() - 1).toISOString();
      const row = townshipRow();
      await send([row, townshipRow()]).expect(200);
      const { body } = await list(
        `organization=${township}&changed-since=${encodeURIComponent(since)}`,
      ).expect(200);
      expect(body.referrals).toHaveLength(2);
      expect(body.referrals[0]).toMatchObject({
        number: row.转诊单号,
        direction: '上转',
        patientName: '王秀兰',
        residentId: row.身份证号,
        sender: '青石镇中心卫生院',
        receiver: '永安县人民医院',
        state: 'requested:submitted',
        stateName: '已提交',
        waitingFor: '永安县人民医院',
        owed: '签收',
        due: expect.stringMatching(/^20\d\d-.*\+08:00$/),
        overdue: false,
      });
      const { body: others } = await list(
        `organization=河口镇卫生院&changed-since=${encodeURIComponent(since)}`,
      ).expect(200);
      expect(others.referrals).toEqual([]);
    });

    test('comes in pages, and as CSV that a spreadsheet opens and does not run', async () => {
      const since = new Date(server.running.server.now() - 1).toISOString();
      const rows = [townshipRow(), townshipRow({ 患者姓名: '=cmd|calc' }), townshipRow()];
      await send(rows).expect(200);
      const numbers: string[] = [];
      let query: string | undefined = `changed-since=${encodeURIComponent(since)}&count=2`;
      while (query !== undefined) {
        const { body }: { body: { referrals: Element[]; next?: string } } = await list(query).expect(200);
        numbers.push(...body.referrals.map(({ number }) => String(number)));
        query = body.next && new URL(body.next).search.slice(1);
      }
      expect(numbers).toEqual(rows.map((row) => row.转诊单号));

      const { text } = await list(`changed-since=${encodeURIComponent(since)}&format=csv`).expect(200);
      expect(text.startsWith('\uFEFF转诊单号,转诊方向')).toBe(true);
      expect(text).toContain("'=cmd|calc");
    });

    test('is refused where it is asked for what there is not', async () => {
      for (const query of [
        'organization=nowhere',
        'changed-since=5/1/2026',
        'role=x',
        'count=0',
        'colour=red',
      ])
        await list(query).expect(400);
    });
  });
});

/** The bytes of a text in GB18030, of which Node only has the decoder. */
function encodeGb18030(text: string): number[] {
  const decoder = new TextDecoder('gb18030');
  const bytes = new Map<string, number[]>();
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) {
      const [character, ...others] = [...decoder.decode(Uint8Array.of(high, low))];
      if (low !== 0x7f && others.length === 0) bytes.set(character!, [high, low]);
    }
  return [...text].flatMap((character) =>
    character < '\x80' ? [character.charCodeAt(0)] : bytes.get(character)!,
  );
}
