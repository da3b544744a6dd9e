import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { convert } from '../../src/cli/convert.ts';
import { onEachEngine } from '../environment/server.ts';
import { csvOf, townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-convert-'));
const command = fileURLToPath(new URL('../../src/cli/zhuanzhen.ts', import.meta.url));
const township = 'Organization/qingshi-health-centre';

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Runs the command; gives its exit code and what it says. */
function run(...words: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...words], (error, output, errors) =>
      resolve({ code: Number(error?.code ?? 0), output, errors }),
    );
  });
}

describe('zhuanzhen convert', () => {
  test('makes Bundles of the rows that are right, and tells of the others', async () => {
    const table = file('table.csv', csvOf([townshipRow(), townshipRow({ 性别: '甲' })]));
    const { code, output, errors } = await run('convert', table);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ resourceType: 'Bundle', type: 'transaction' });
    expect(errors).toContain(`${table}:3: “性别”不可为 甲`);
    expect(errors).toContain('1 converted, 1 not');
  });

  test('says how it is used, in both languages', async () => {
    const { code, output } = await run('convert', '--help');
    expect(code).toBe(0);
    expect(output).toContain('每行一个文件 / a file for each row');
    expect((await run('convert', join(folder, 'nowhere.csv'))).code).toBe(1);
  });

  test('judges by the rules as a server does, and tells row, rule and both texts', async () => {
    const [right, severe] = [townshipRow(), townshipRow({ 血压: '190/112' })];
    const again = { ...right, 转诊诊断: '高血压病', 转诊诊断编码: 'I10.x00x003' };
    const table = file('judged.csv', csvOf([right, severe, right, again]));
    const { output, complaints, converted, refused } = await convert([table], { mapping: [] });
    expect({ converted, refused }).toEqual({ converted: 2, refused: 2 });
    expect(JSON.parse(output).entry).toHaveLength(2);
    expect(complaints).toEqual([
      expect.stringMatching(/judged\.csv:3: \[up-htn-urgent\] .*急.* \/ .*urgent/),
      expect.stringMatching(/judged\.csv:5: 同一转诊单编号.* \/ There is a referral with this number/),
    ]);
  });

  test('refuses institutions that the community given does not have, and notes those that no community has', async () => {
    const table = file('elsewhere.csv', csvOf([townshipRow({ 转入医院名称: '远山县人民医院' })]));
    const community = fileURLToPath(new URL('../../examples/community.json', import.meta.url));
    const given = await convert([table], { mapping: [], community: [community] });
    expect(given).toMatchObject({ converted: 0, refused: 1 });
    expect(given.complaints[0]).toMatch(
      /elsewhere\.csv:2: “转入医院名称”\(远山县人民医院\).* no organization/,
    );
    const none = await convert([table], { mapping: [] });
    expect(none).toMatchObject({ converted: 1, refused: 0, complaints: [] });
    expect(none.notes[0]).toMatch(/elsewhere\.csv:2: 提示.*未按规则判断.*Not judged by the rules/);
  });

  test('reads by the mapping of a vendor', async () => {
    const map = file(
      'map.json',
      JSON.stringify({
        resourceType: 'ConceptMap',
        status: 'active',
        group: [
          {
            source: 'https://w3id.org/zhuanzhen/CodeSystem/intake-column',
            target: 'https://w3id.org/zhuanzhen/CodeSystem/intake-field',
            element: [{ code: 'ZD', target: [{ code: 'diagnosis', equivalence: 'equivalent' }] }],
          },
        ],
      }),
    );
    const { 转诊诊断: diagnosis, 转诊诊断编码: _, ...others } = townshipRow();
    const table = file('vendor.json', JSON.stringify({ ...others, ZD: diagnosis }));
    expect(await convert([table], { mapping: [] })).toMatchObject({ converted: 0, refused: 1 });
    expect(await convert([table], { mapping: [map] })).toMatchObject({ converted: 1, refused: 0 });
  });
});

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('what was converted offline is accepted, and the same referral as by the intake', async () => {
    const row = townshipRow();
    const { output } = await convert([file('one.csv', csvOf([row]))], { mapping: [] });
    await server.post('/', JSON.parse(output)).set('X-Acting-Organization', township).expect(200);
    const { body } = await request(new URL(server.base).origin)
      .post('/intake/referrals')
      .set('X-Acting-Organization', township)
      .send(row)
      .expect(200);
    expect(body).toMatchObject({ repeated: 1 });
  });
});
