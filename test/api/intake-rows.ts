import { person } from '../bench/population/numbers.ts';

/** A row of a township's table, by its own names of columns. */
export type TownshipRow = Record<string, unknown>;

let people = 7_000;

/** A row that is accepted: a patient of Qingshi whose blood pressure three medicines do not control, another every time. */
export function townshipRow(changes: TownshipRow = {}): TownshipRow {
  const { residentId, gender } = person(people++);
  return {
    转诊单号: `FLAT-${people}`,
    转诊方向: '上转',
    紧急程度: '普通',
    转诊指征: '高血压规律治疗后未达标或难治性高血压',
    转诊原因: '规律服用三种降压药3个月仍不达标',
    申请机构代码: '12629901MB000903XQ',
    申请医生编号: '110629910000001',
    转入医院名称: '永安县人民医院',
    转入科室名称: '心血管内科',
    申请日期: '2026/11/16 9:40',
    患者姓名: '王秀兰',
    性别: gender === 'male' ? '男' : '女',
    身份证号: residentId,
    联系电话: '13909303001',
    家庭住址: '永安县青石镇兴青街11号',
    门诊号: `MZ-${people}`,
    转诊诊断编码: 'I10.x00x002',
    转诊诊断: '高血压',
    血压: '158/96;162/98',
    心率: 76,
    用药: 'C08CA01 苯磺酸氨氯地平片;C09CA03 缬沙坦胶囊;C03AA03 氢氯噻嗪片',
    知情同意: '是',
    ...changes,
  };
}

/** Rows as a CSV, quoted as spreadsheets do. */
export function csvOf(rows: readonly TownshipRow[]): string {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const quoted = (cell: unknown) => `"${String(cell ?? '').replaceAll('"', '""')}"`;
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.map(quoted).join(','))
    .join('\r\n');
}
