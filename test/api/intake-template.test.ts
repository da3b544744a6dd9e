import { beforeAll, describe, expect, test } from '@jest/globals';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import request, { type Response } from 'supertest';
import { xlsxType } from '../../src/referral/intake/read/read.ts';
import { columnName } from '../../src/spreadsheet/column-name.ts';
import { onEachEngine } from '../environment/server.ts';
import { type TownshipRow, townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const township = 'Organization/qingshi-health-centre';

onEachEngine((server) => {
  const origin = () => new URL(server.base).origin;

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  /** The files of the template. */
  async function downloaded(): Promise<Record<string, Uint8Array>> {
    const { body } = await request(origin())
      .get('/intake/referrals/template.xlsx')
      .buffer()
      .parse(bytesOf)
      .expect(200);
    return unzipSync(body);
  }

  const upload = (files: Record<string, Uint8Array>) =>
    request(origin())
      .post('/intake/referrals')
      .set('X-Acting-Organization', township)
      .set('Content-Type', xlsxType)
      .send(Buffer.from(zipSync(files)));

  describe('the template', () => {
    test('has its columns in Chinese, an explanation of each, and lists to choose from', async () => {
      const files = await downloaded();
      const form = strFromU8(files['xl/worksheets/sheet1.xml']!);
      expect(headingsOf(form)).toEqual(
        expect.arrayContaining(['转诊单号*', '患者姓名*', '转诊诊断*', '转入医院名称']),
      );
      expect(form).toMatch(/<dataValidation type="list"[^>]*sqref="B2:B1001"><formula1>代码!\$A\$2:\$A\$4</);
      expect(strFromU8(files['xl/worksheets/sheet2.xml']!)).toContain('一行一份转诊单');
      expect(strFromU8(files['xl/worksheets/sheet3.xml']!)).toContain('疑似急性脑卒中');
    });

    test('is filled in, uploaded, and becomes referrals; uploaded again it is the same', async () => {
      const files = await downloaded();
      const rows = [townshipRow(), townshipRow({ 申请日期: 46342.4, 出生日期: undefined })];
      const filled = fill(files, rows);
      const { body } = await upload(filled).expect(200);
      expect(body).toMatchObject({ rows: 2, accepted: 2 });
      const { body: again } = await upload(filled).expect(200);
      expect(again).toMatchObject({ rows: 2, repeated: 2 });
    });

    test('with a formula in it is refused, and where it stands is told', async () => {
      const files = await downloaded();
      const filled = fill(files, [townshipRow()]);
      const name = 'xl/worksheets/sheet1.xml';
      const withFormula = strFromU8(filled[name]!).replace(
        '<c r="A2"',
        '<c r="AZ2"><f>1+1</f><v>2</v></c><c r="A2"',
      );
      const { body } = await upload({ ...filled, [name]: strToU8(withFormula) }).expect(422);
      expect(body.issue[0].details.text).toContain('AZ2');
    });
  });

  /** The sheet with rows below its headings, as a spreadsheet program writes them. */
  function fill(files: Record<string, Uint8Array>, rows: readonly TownshipRow[]): Record<string, Uint8Array> {
    const name = 'xl/worksheets/sheet1.xml';
    const form = strFromU8(files[name]!);
    const headings = headingsOf(form).map((heading) => heading.replace('*', ''));
    const lines = rows.map((row, index) => {
      const cells = headings.map((heading, column) =>
        cellOf(row[heading], `${columnName(column)}${index + 2}`),
      );
      return `<row r="${index + 2}">${cells.join('')}</row>`;
    });
    return { ...files, [name]: strToU8(form.replace('</sheetData>', `${lines.join('')}</sheetData>`)) };
  }
});

function headingsOf(sheet: string): string[] {
  const [, first] = /<row r="1">(.*?)<\/row>/.exec(sheet)!;
  return [...first!.matchAll(/<t[^>]*>(.*?)<\/t>/g)].map(([, text]) => text!);
}

function cellOf(value: unknown, place: string): string {
  if (value === undefined) return `<c r="${place}" s="2"/>`;
  if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`;
  return `<c r="${place}" s="2" t="inlineStr"><is><t>${value}</t></is></c>`;
}

function bytesOf(response: Response, done: (error: Error | null, body: Buffer) => void): void {
  const pieces: Buffer[] = [];
  // What is parsed is the message itself, whatever the type says.
  const message = response as unknown as NodeJS.ReadableStream;
  message.on('data', (piece: Buffer) => pieces.push(piece));
  message.on('end', () => done(null, Buffer.concat(pieces)));
}
