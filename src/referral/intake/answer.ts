import { csvFile } from '../../spreadsheet/csv.ts';
import type { Problem } from './problem.ts';
import type { RowResult } from './result.ts';
import type { UnreadColumn } from './row.ts';

/** The answer about rows in JSON: how many there are of each kind, and what became of each. */
export function answerOf(results: readonly RowResult[], unread: readonly UnreadColumn[], isDry: boolean) {
  const count = (result: RowResult['result']) => results.filter((each) => each.result === result).length;
  return {
    ...(isDry && { dryRun: true }),
    rows: results.length,
    accepted: count('accepted'),
    repeated: count('repeated'),
    refused: count('refused'),
    ...(unread.length > 0 && { unreadColumns: unread }),
    results,
  };
}

/** The columns of the answer in CSV. */
const columns = [
  '行号',
  '结果',
  '转诊单号',
  '转诊单',
  '任务',
  '患者',
  '状态',
  '待办机构',
  '期限',
  '栏目',
  '所填内容',
  '应填内容',
  '规则',
  '说明',
] as const;

const resultNames = { accepted: '已接受', repeated: '重复(已有)', refused: '未接受' } as const;

/** The answer about rows in CSV: a line for each row, and for each of its problems. */
export function answerCsv(results: readonly RowResult[]): string {
  return csvFile([columns, ...results.flatMap(linesOf)]);
}

function linesOf(result: RowResult): string[][] {
  const { row, number = '' } = result;
  const beginning = [String(row), resultNames[result.result], number];
  if (result.result === 'refused')
    return result.problems.map((problem) => [...beginning, '', '', '', '', '', '', ...problemCells(problem)]);
  const {
    referral = '',
    task = '',
    patient = '',
    state = '',
    waitingFor = '',
    due = '',
    warnings = [],
  } = result;
  const whole = [...beginning, referral, task, patient, state, waitingFor, due];
  return warnings.length === 0
    ? [[...whole, '', '', '', '', '']]
    : warnings.map((warning) => [...whole, ...problemCells(warning)]);
}

function problemCells({ column = '', found = '', expected, rule = '', text }: Problem): string[] {
  return [column, found, expected?.zh ?? '', rule, `${text.zh} / ${text.en}`];
}
