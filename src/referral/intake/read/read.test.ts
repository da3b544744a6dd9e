import { describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { Refusal } from '../../../fhir/refusal.ts';
import { intakeLimits } from '../limits.ts';
import { readRows, xlsxType } from './read.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The rows, each as an object with its number. */
async function rowsOf(content: string | Uint8Array, type: string, charset?: string) {
  const { rows } = await readRows(typeof content === 'string' ? strToU8(content) : content, type, charset);
  return rows.map(({ number, cells }) => ({ number, ...Object.fromEntries(cells) }));
}

/** The status and the English text by which something is refused. */
async function refusalOf(reading: Promise<unknown>): Promise<[number, string]> {
  const error = await reading.catch((refusal) => refusal);
  expect(error).toBeInstanceOf(Refusal);
  return [(error as Refusal).status, (error as Refusal).issues[0]!.text.en];
}

/** A workbook with this XML in its first sheet, and perhaps other files. */
function workbook(rows: string, files: Record<string, string> = {}): Uint8Array {
  const all = {
    'xl/workbook.xml': `<workbook xmlns="${main}"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    ...files,
  };
  return zipSync(Object.fromEntries(Object.entries(all).map(([name, text]) => [name, strToU8(text)])));
}

const texts = (row: number, ...cells: string[]) =>
  `<row r="${row}">${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`;

describe('a CSV', () => {
  test('is read with quotes, empty rows, tabs, semicolons and a mark at its beginning', async () => {
    expect(
      await rowsOf('\uFEFF姓名,备注\r\n"王,秀兰","一\n二"\r\n,\r\n\r\n李,"他说""好"""', 'text/csv'),
    ).toEqual([
      { number: 2, 姓名: '王,秀兰', 备注: '一\n二' },
      { number: 5, 姓名: '李', 备注: '他说"好"' },
    ]);
    expect(await rowsOf('姓名\t性别\n王\t女', 'text/csv')).toEqual([{ number: 2, 姓名: '王', 性别: '女' }]);
    expect(await rowsOf('姓名;性别\n王;女', 'text/plain')).toEqual([{ number: 2, 姓名: '王', 性别: '女' }]);
  });

  test('is read in GB18030, stated or not, and in UTF-16', async () => {
    const gbk = Uint8Array.of(0xd0, 0xd5, 0xc3, 0xfb, 0x0a, 0xcd, 0xf5);
    expect(await rowsOf(gbk, 'text/csv')).toEqual([{ number: 2, 姓名: '王' }]);
    expect(await rowsOf(gbk, 'text/csv', 'GB2312')).toEqual([{ number: 2, 姓名: '王' }]);
    const utf16 = new Uint8Array(Buffer.from('\uFEFF姓名\n王', 'utf16le'));
    expect(await rowsOf(utf16, 'text/csv')).toEqual([{ number: 2, 姓名: '王' }]);
    expect(await refusalOf(rowsOf(gbk, 'text/csv', 'utf-8'))).toEqual([
      400,
      expect.stringContaining('utf-8'),
    ]);
    expect(await refusalOf(rowsOf('a', 'text/csv', 'koi8-r'))).toEqual([
      415,
      expect.stringContaining('koi8-r'),
    ]);
  });

  test.each([
    ['', 400, 'first row'],
    [',,\n1,2,3', 400, 'first row'],
    ['姓名\n', 400, 'no row'],
    ['姓名,性别\n"王,女', 400, 'quote'],
    ['姓名,性别\n王"x"y,女', 400, 'quote'],
    ['姓名,性别\n王,女,多出来的', 400, '3 cells'],
    [`姓名\n${'王\n'.repeat(1_001)}`, 413, '1000 rows'],
    [`${'a,'.repeat(201)}b\n1`, 413, '200 columns'],
    [`姓名\n${'王'.repeat(20_001)}`, 413, '20000 characters'],
    ['姓名\n\0', 400, 'not text'],
  ])('%#: is refused where it cannot be read, or is too large', async (content, status, text) => {
    expect(await refusalOf(rowsOf(content, 'text/csv'))).toEqual([status, expect.stringContaining(text)]);
  });
});

describe('JSON', () => {
  test('is one row, an array of rows, or an object with them', async () => {
    const row = { 姓名: '王', 空: '', 无: null };
    for (const body of [row, [row], { rows: [row] }])
      expect(await rowsOf(JSON.stringify(body), 'application/json')).toEqual([{ number: 1, 姓名: '王' }]);
    expect(await rowsOf('[{"a":1},{}, {"a":2}]', 'application/octet-stream')).toEqual([
      { number: 1, a: 1 },
      { number: 3, a: 2 },
    ]);
  });

  test.each([
    ['[1]', 400, 'one object'],
    ['"text"', 400, 'one object'],
    ['[]', 400, 'no row'],
    ['{"a":1,"a":2}', 400, 'a'],
    ['{"a":{"b":{"c":{"d":{"e":{}}}}}}', 400, ''],
    ['{', 400, ''],
    [JSON.stringify(Array.from({ length: 1_001 }, () => ({ a: 1 }))), 413, '1000 rows'],
  ])('%#: is refused where it is none, or too large', async (content, status, text) => {
    const [found, told] = await refusalOf(rowsOf(content, 'application/json'));
    expect([found, told]).toEqual([status, expect.stringContaining(text)]);
  });
});

describe('a workbook', () => {
  test('is read with shared texts, numbers, truth values and dates, whatever rows stand empty between', async () => {
    const content = workbook(
      `${texts(1, '姓名', '数', '是', '日')}<row r="4"><c r="A4" t="s"><v>0</v></c><c r="B4"><v>1.5</v></c><c r="C4" t="b"><v>1</v></c><c r="D4" s="1"><v>46027.375</v></c></row>`,
      {
        'xl/sharedStrings.xml': `<sst xmlns="${main}"><si><r><t>王</t></r><r><t>秀兰</t></r><rPh><t>wang</t></rPh></si></sst>`,
        'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="170" formatCode="yyyy/m/d"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>`,
      },
    );
    expect(await rowsOf(content, xlsxType)).toEqual([
      { number: 4, 姓名: '王秀兰', 数: 1.5, 是: true, 日: '2026-01-05T09:00:00' },
    ]);
  });

  test('that unpacks to too much is refused, also where it says that it is small', async () => {
    const bomb = workbook(`${texts(1, '姓名')}${' '.repeat(intakeLimits.unpacked)}`);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusalOf(rowsOf(bomb, xlsxType))).toEqual([413, expect.stringContaining('unpacked')]);
    const lying = Buffer.from(bomb);
    // What it says of the size of its files, at the beginning of each and in the directory at the end.
    for (let at = lying.indexOf('PK'); at >= 0; at = lying.indexOf('PK', at + 2)) {
      const kind = lying.readUInt16LE(at + 2);
      if (kind === 0x0403) lying.writeUInt32LE(10, at + 22);
      if (kind === 0x0201) lying.writeUInt32LE(10, at + 24);
    }
    const error = await rowsOf(lying, xlsxType).catch((refusal) => refusal);
    expect(error).toBeInstanceOf(Refusal);
  });

  test('with a row, a column or a file too many is refused', async () => {
    const rows = Array.from({ length: intakeLimits.rows + 2 }, (_, index) => texts(index + 1, '王')).join('');
    expect(await refusalOf(rowsOf(workbook(rows), xlsxType))).toEqual([
      413,
      expect.stringContaining('1000 rows'),
    ]);
    const wide = `${texts(1, '姓名')}<row r="2"><c r="XFD2"><v>1</v></c></row>`;
    expect(await refusalOf(rowsOf(workbook(wide), xlsxType))).toEqual([
      413,
      expect.stringContaining('200 columns'),
    ]);
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, '']));
    expect((await refusalOf(rowsOf(workbook(texts(1, 'a'), files), xlsxType)))[0]).toBe(413);
  });

  test('whose rows are a million formatted ones without content is read all the same', async () => {
    const empty = Array.from({ length: 20_000 }, (_, index) => `<row r="${index + 3}" s="1"/>`).join('');
    const content = workbook(`${texts(1, '姓名')}${texts(2, '王')}${empty}`);
    expect(await rowsOf(content, xlsxType)).toEqual([{ number: 2, 姓名: '王' }]);
  });

  test.each([
    [strToU8('no archive'), 'ZIP'],
    [zipSync({ 'a.txt': strToU8('a') }), 'xl/workbook.xml'],
    [workbook('<row><c>'), 'XML'],
    [
      workbook('', {
        'xl/worksheets/sheet1.xml': '<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>',
      }),
      'XML',
    ],
  ])('%#: that is none is refused', async (content, text) => {
    expect(await refusalOf(rowsOf(content, xlsxType))).toEqual([400, expect.stringContaining(text)]);
  });

  test('of the old kind is refused, and told so', async () => {
    const old = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1);
    expect(await refusalOf(rowsOf(old, 'application/vnd.ms-excel'))).toEqual([
      415,
      expect.stringContaining('.xlsx'),
    ]);
  });
});
