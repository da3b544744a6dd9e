import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { type TownshipRow, townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const township = 'Organization/qingshi-health-centre';
const hospital = 'Organization/yongan-county-hospital';
const municipal = 'Organization/linjiang-municipal-hospital';

onEachEngine((server) => {
  const post = (path: string, rows: object, actor: string) =>
    request(new URL(server.base).origin)
      .post(`/intake/${path}`)
      .set('X-Acting-Organization', actor)
      .send(rows);
  const take = (step: object, actor = hospital) => post('steps', step, actor);
  const read = async (path: string): Promise<Resource> => (await server.get(`/${path}`).expect(200)).body;

  /** A referral that the township has sent; gives its number and Task. */
  async function sent(changes: TownshipRow = {}) {
    const row = townshipRow(changes);
    const { body } = await post('referrals', row, township).expect(200);
    return { 转诊单号: String(row.转诊单号), task: String(body.results[0].task) };
  }

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  describe('the steps of a referral, as rows', () => {
    test('go from the answer over the arrival to the feedback', async () => {
      const { 转诊单号, task } = await sent();
      const steps: [TownshipRow, string][] = [
        [{ 操作: '签收' }, 'received:under-review'],
        [{ 操作: '接收', 到诊期限: '2083年1月5日 17:30', 状态: '已留床' }, 'accepted:bed-reserved'],
        [
          { 操作: '到诊', 到诊时间: '2026/11/20 9:00', 住院号: 'ZY-1', 就诊方式: '住院' },
          'in-progress:arrived',
        ],
        [
          {
            操作: '办结',
            诊断结果: '高血压2级',
            主要检查结果: '肾动脉超声未见异常',
            治疗经过: '调整降压药物',
            下一步治疗方案及康复建议: '继续三联降压,2周后复查',
            病案号: 'BA-1',
          },
          'completed:treated',
        ],
      ];
      for (const [step, state] of steps) {
        const { body } = await take({ 转诊单号, ...step }).expect(200);
        expect(body.results[0]).toMatchObject({ result: 'accepted', number: 转诊单号, task, state });
      }
      const { output } = (await read(task)) as Resource & {
        output: { type: Element; valueReference: { reference: string } }[];
      };
      const [encounter, feedback] = output
        .filter(({ valueReference }) => /^(?:Encounter|Composition)\//.test(valueReference?.reference))
        .map(({ valueReference }) => valueReference.reference);
      expect(await read(encounter!)).toMatchObject({
        class: { code: 'IMP' },
        identifier: [{ value: 'ZY-1' }, {}],
        period: { start: '2026-11-20T09:00:00+08:00' },
      });
      expect(await read(feedback!)).toMatchObject({ title: '双向转诊(回转)单' });
    });

    test('that were taken are told as repeated, and those out of turn are refused', async () => {
      const { 转诊单号 } = await sent();
      await take({ 转诊单号, 操作: '签收' }).expect(200);
      const { body: again } = await take({ 转诊单号, 操作: '签收' }).expect(200);
      expect(again).toMatchObject({ repeated: 1 });
      const { body } = await take({ 转诊单号, 操作: '办结', 诊断结果: '高血压' }).expect(409);
      expect(body.results[0]).toMatchObject({ result: 'refused', status: 409 });
    });

    test('are for who may take them, and for referrals that there are', async () => {
      const { 转诊单号 } = await sent();
      await take({ 转诊单号, 操作: '接收', 到诊期限: '2083-01-05' }, township).expect(403);
      await take({ 转诊单号: 'nowhere', 操作: '签收' }).expect(404);
      const { body } = await take([
        { 转诊单号, 操作: '跳舞' },
        { 转诊单号, 操作: '签收' },
      ]).expect(207);
      expect(body.results[0].problems[0]).toMatchObject({ column: '操作', found: '跳舞' });
    });

    test('that lack what they need are told the column', async () => {
      const { 转诊单号 } = await sent();
      const { body: noReason } = await take({ 转诊单号, 操作: '退回' }).expect(422);
      expect(noReason.results[0].problems.map(({ column }: Element) => column)).toContain('退回原因');
      const { body } = await take({ 转诊单号, 操作: '退回', 退回原因: '资料不全', 原因: '缺心电图' }).expect(
        200,
      );
      expect(body.results[0].state).toBe('rejected:incomplete');
    });

    test('are only judged where that is asked for', async () => {
      const { 转诊单号, task } = await sent();
      const { body } = await post('steps?dry-run=true', { 转诊单号, 操作: '签收' }, hospital).expect(200);
      expect(body).toMatchObject({ dryRun: true, accepted: 1 });
      const { body: refused } = await post('steps?dry-run=true', { 转诊单号, 操作: '退回' }, hospital).expect(
        200,
      );
      expect(refused).toMatchObject({ dryRun: true, refused: 1 });
      expect(await read(task)).toMatchObject({ status: 'requested' });
    });

    test('return the patient with a referral down, plan, medicines and feedback', async () => {
      const { 转诊单号, task } = await sent();
      await take({ 转诊单号, 操作: '接收', 到诊期限: '2083-01-05' }).expect(200);
      await take({ 转诊单号, 操作: '到诊', 住院号: 'ZY-2' }).expect(200);
      const { body } = await take({
        转诊单号,
        操作: '下转',
        回转单号: `${转诊单号}-H`,
        转诊指征: '诊断明确、需长期治疗的慢性病',
        医生: '周航',
        申请医生: '周航',
        诊断编码: 'I10.x00x002',
        诊断结果: '高血压',
        主要检查结果: '血压平稳',
        治疗经过: '调整药物',
        下一步治疗方案及康复建议: '家庭医生随访,2周后复查',
        病案号: 'BA-2',
        住院号: 'ZY-2',
        带药: 'C08CA01 苯磺酸氨氯地平片 5mg 每日1次',
        血压: '132/82',
      }).expect(200);
      expect(body.results[0]).toMatchObject({ result: 'accepted', task, state: 'completed:returned' });
      expect(body.unreadColumns).toEqual([expect.objectContaining({ column: '医生' })]);
      const { body: list } = await request(new URL(server.base).origin)
        .get(`/intake/referrals?number=${encodeURIComponent(`${转诊单号}-H`)}`)
        .expect(200);
      expect(list.referrals).toEqual([
        expect.objectContaining({
          direction: '下转',
          sender: '永安县人民医院',
          receiver: '青石镇中心卫生院',
        }),
      ]);
    });

    test('go to another institution, once', async () => {
      const { 转诊单号, task } = await sent();
      const { body: nowhere } = await take({ 转诊单号, 操作: '改派', 原因: '无床位' }).expect(422);
      expect(nowhere.results[0].problems[0]).toMatchObject({ column: '转入医院名称' });
      const { body: unknown } = await take({
        转诊单号,
        操作: '改派',
        转入机构: '无此医院',
        原因: '无床位',
      }).expect(422);
      expect(unknown.results[0].problems[0]).toMatchObject({ column: '转入机构', found: '无此医院' });
      const step = { 转诊单号, 操作: '改派', 转入机构: '临江市人民医院', 原因: '需介入治疗' };
      const { body } = await take(step).expect(200);
      const [{ task: next, state, waitingFor }] = body.results;
      expect({ state, waitingFor }).toEqual({ state: 'requested:redirected', waitingFor: municipal });
      expect(await read(next)).toMatchObject({
        partOf: [{ reference: task }],
        reasonCode: { text: '需介入治疗' },
      });
      expect((await take(step).expect(200)).body).toMatchObject({ repeated: 1 });
      await take({ 转诊单号, 操作: '签收' }, municipal).expect(200);
      expect((await take(step).expect(200)).body).toMatchObject({ repeated: 1 });
    });

    test('make a referral of a tele-consultation, also after the advice, once', async () => {
      for (const isAdvised of [false, true]) {
        const { 转诊单号, task } = await sent({
          转诊指征: '医共体共同商定的其他上转病人',
          就诊方式: '远程会诊',
          转入医院名称: '临江市人民医院',
        });
        if (isAdvised) {
          const advice = { 转诊单号, 操作: '办结', 下一步治疗方案及康复建议: '收住院完善检查' };
          const { body } = await take(advice, municipal).expect(200);
          expect(body.results).toMatchObject([{ state: 'completed:advised' }]);
        }
        const step = {
          转诊单号,
          操作: '会诊转转诊',
          新转诊单号: `${转诊单号}-Z`,
          转入机构: '永安县人民医院',
          转诊指征: '高血压规律治疗后未达标或难治性高血压',
          优先级: '紧急',
          就诊方式: '住院',
        };
        const { body } = await take(step, township).expect(200);
        const state = isAdvised ? 'completed:advised' : 'completed:referred';
        expect(body.results).toMatchObject([{ result: 'accepted', task, state }]);
        const { body: list } = await request(new URL(server.base).origin)
          .get(`/intake/referrals?number=${encodeURIComponent(step.新转诊单号)}`)
          .expect(200);
        expect(list.referrals).toMatchObject([
          { receiver: '永安县人民医院', priority: '紧急', state: 'requested:submitted' },
        ]);
        expect((await take(step, township).expect(200)).body).toMatchObject({ repeated: 1 });
      }
    });

    test('are shown as the bundles that they are sent as, which do the same', async () => {
      const { 转诊单号, task } = await sent();
      const rows = [
        { 转诊单号, 操作: '签收' },
        { 转诊单号, 操作: '接收', 到诊期限: '2083-01-05' },
        { 转诊单号, 操作: '到诊', 到诊时间: '2026-11-20 9:00', 住院号: 'ZY-3' },
        { 转诊单号: 'nowhere', 操作: '签收' },
      ];
      const { body } = await post('steps?format=bundle', rows, hospital).expect(200);
      expect(await read(task)).toMatchObject({ status: 'requested' });
      const [acknowledgement, acceptance, arrival, outcome] = body.entry.map(
        ({ resource }: { resource: Resource }) => resource,
      );
      expect(outcome).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
      expect(outcome.issue[0].details.text).toContain('第 4 行');
      for (const bundle of [acknowledgement, acceptance, arrival])
        await server.post('/', bundle).set('X-Acting-Organization', hospital).expect(200);
      expect(await read(task)).toMatchObject({ status: 'in-progress' });
      const { body: again } = await take(rows[2]!).expect(200);
      expect(again).toMatchObject({ repeated: 1, results: [{ state: 'in-progress:arrived' }] });
      const { body: single } = await post('steps?format=bundle', rows[0]!, hospital).expect(200);
      expect(single).toMatchObject({ type: 'transaction', entry: [{ request: { method: 'POST' } }] });
    });
  });
});
