import { columnName } from '../../../spreadsheet/column-name.ts';
import type { CodeTable } from '../code-table.ts';
import type { Field } from '../fields.ts';
import { intakeLimits } from '../limits.ts';
import type { Mapping } from '../mapping.ts';
import { type Sheet, workbookOf } from './workbook.ts';

/** The columns of the template, in Chinese, those that are required with an asterisk. */
export function templateColumns(mapping: Mapping): string[] {
  return fieldsOf(mapping).map(titleOf);
}

/**
 * The template that a township without a system fills in and sends to `POST /intake/referrals`: a sheet with the columns,
 * in which codes are chosen from lists, one that explains each column, and one with the lists.
 */
export function templateOf(mapping: Mapping): Uint8Array {
  const fields = fieldsOf(mapping);
  const listed = fields.flatMap((field) => {
    const choices = choicesOf(field, mapping);
    return choices.length > 0 ? [{ field, choices }] : [];
  });
  const form: Sheet = {
    name: '转诊',
    rows: [fields.map(titleOf)],
    widths: fields.map(({ isLong }) => (isLong ? 30 : 18)),
    ready: intakeLimits.rows,
    choices: listed.map(({ field, choices }, index) => ({
      column: fields.indexOf(field),
      range: `代码!$${columnName(index)}$2:$${columnName(index)}$${choices.length + 1}`,
    })),
  };
  return workbookOf([form, explanations(fields, mapping), lists(listed)]);
}

function fieldsOf({ fields }: Mapping): Field[] {
  return fields.filter(({ isInTemplate }) => isInTemplate);
}

function isRequired({ required }: Field): boolean {
  return required.includes('referral');
}

function titleOf(field: Field): string {
  return isRequired(field) ? `${field.name.zh}*` : field.name.zh;
}

const kinds: Readonly<Record<Field['kind'], string>> = {
  text: '文字',
  date: '日期,如 2026-01-05',
  dateTime: '日期或日期时间,如 2026-01-05 14:30',
  code: '从列表中选',
  codes: '从列表中选;几项用分号隔开',
  boolean: '是 或 否',
  decimal: '数',
};

function explanations(fields: readonly Field[], mapping: Mapping): Sheet {
  return {
    name: '说明',
    rows: [
      ['栏名', '必填', '怎么填', '说明', '英文名 (English)', 'English'],
      ...fields.map((field) => [
        field.name.zh,
        isRequired(field) ? '是' : field.instead !== undefined ? '二者填一' : '',
        kinds[field.kind],
        field.about.zh,
        mapping.namesOf(field).find((name) => name === field.code) ?? field.code,
        field.about.en,
      ]),
      [],
      ['一行一份转诊单,从第二行起填写;栏的次序可以调整,不用的栏可以删去,栏名不可改动。'],
      [
        `一次最多 ${intakeLimits.rows} 行。填好后上传到 /intake/referrals;回答会逐行说明接受、重复或未接受及原因。`,
      ],
      ['改正后可把整个文件再次上传:已接受的行不会重复登记。'],
    ],
    widths: [22, 10, 30, 50, 26, 60],
  };
}

function lists(listed: readonly { field: Field; choices: readonly string[] }[]): Sheet {
  const longest = Math.max(...listed.map(({ choices }) => choices.length));
  const rows = Array.from({ length: longest }, (_, index) =>
    listed.map(({ choices }) => choices[index] ?? ''),
  );
  return {
    name: '代码',
    rows: [listed.map(({ field }) => field.name.zh), ...rows],
    widths: listed.map(() => 24),
  };
}

/** What can be chosen for a field. */
function choicesOf(field: Field, mapping: Mapping): string[] {
  if (field.kind === 'boolean') return ['是', '否'];
  if (field.kind !== 'code' && field.kind !== 'codes') return [];
  const table = mapping.tableOf(field);
  return table.codings.map((coding) => wordFor(table, coding));
}

/** The Chinese word for a code: its display, else the first that may be written for it. */
function wordFor(table: CodeTable, coding: CodeTable['codings'][number]): string {
  const isChinese = (word: string | undefined) => word !== undefined && /\p{Script=Han}/u.test(word);
  if (isChinese(coding.display)) return coding.display!;
  const word = table.words.find((each) => isChinese(each) && table.find(each)?.code === coding.code);
  return word ?? coding.display ?? String(coding.code);
}
