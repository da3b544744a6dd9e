import { expect, test } from '@jest/globals';
import { Complaint } from '../command.ts';
import { type Columns, readTable } from './read-table.ts';

const read = (text: string, columns: Columns = {}) => readTable(Buffer.from(text), columns);

test.each([
  ['编码,名称\nI10,高血压', {}],
  ['诊断代码;诊断名称\nI10;高血压\n', {}],
  ['\uFEFF序号\t疾病编码\t疾病名称\n1\tI10\t高血压\n\n', {}],
  ['a,b\nI10, 高血压 ', { code: 'a', display: 'b' }],
])(
  'the columns of a code and its display are known by their names, or by what is said: %j',
  (text, columns) => {
    expect(read(text, columns).concepts).toEqual([{ code: 'I10', display: '高血压' }]);
  },
);

test('a table in GB18030 is read as well', () => {
  const bytes = Uint8Array.of(
    0xb1,
    0xe0,
    0xc2,
    0xeb,
    0x2c,
    0xc3,
    0xfb,
    0xb3,
    0xc6,
    0x0a,
    0x41,
    0x2c,
    0xb2,
    0xa1,
  );
  expect(readTable(bytes, {}).concepts).toEqual([{ code: 'A', display: '病' }]);
});

test('English names and further columns come along', () => {
  const { concepts } = read('编码,名称,英文名,章\nI10,高血压,Hypertension,9', { property: ['章'] });
  expect(concepts).toEqual([
    {
      code: 'I10',
      display: '高血压',
      designation: [{ language: 'en', value: 'Hypertension' }],
      property: [{ code: '章', valueString: '9' }],
    },
  ]);
});

test('parents stand before what is below them', () => {
  const { concepts } = read('code,name,parent\nc,三,b\na,一,\nb,二,a');
  expect(concepts.map(({ code }) => code)).toEqual(['a', 'b', 'c']);
});

test('a row that says again what another said is counted', () => {
  expect(read('code,name\na,一\na,一')).toMatchObject({ concepts: [{ code: 'a' }], repeated: 1 });
});

test.each([
  ['code,name\na,一\na,二', 'line 3: a has another display on line 2'],
  ['code,name\n,一', 'line 2: "一" has no code'],
  ['code,name,parent\na,一,b', 'line 2: the parent b has no row'],
  ['code,name,parent\na,一,b\nb,二,a', 'is below itself'],
  ['甲,乙\na,一', 'there is no column "--code"; there are: 甲, 乙'],
  ['code,name\n', 'there is no code'],
  ['code,name\na,"一', 'no well-formed CSV'],
])('what cannot be read is told: %j', (text, told) => {
  expect(() => read(text)).toThrow(Complaint);
  expect(() => read(text)).toThrow(told);
});
