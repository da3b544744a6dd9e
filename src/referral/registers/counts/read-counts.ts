import { parse } from 'csv-parse/sync';
import { string } from '../../../fhir/elements.ts';
import type { Issue } from '../../../fhir/outcome.ts';
import { invalid } from '../../../fhir/search/values.ts';
import type { Directory, Institution } from '../directory.ts';
import type { MeasurePlan } from '../measures/measure.ts';
import { periodOf, readPeriod } from '../period.ts';

/** A row of the table: what an institution has counted in a period. */
export interface CountRow {
  plan: MeasurePlan;
  organization: Institution;
  start: string;
  end: string;
  /** By the code of the population. */
  counts: ReadonlyMap<string, number>;
}

const mostRows = 1_000;

/** The headings, in Chinese as offices write them, or in English. */
const headings: Readonly<Record<string, string>> = {
  指标: 'measure',
  机构: 'organization',
  时段: 'period',
  开始日期: 'start',
  结束日期: 'end',
  数量: 'count',
  分子: 'numerator',
  分母: 'denominator',
};

/** Reads the table; each thing that is wrong is an issue with its row. Refuses with 400 what is no table. */
export function readCounts(
  text: string,
  plans: readonly MeasurePlan[],
  directory: Directory,
): { rows: CountRow[]; issues: Issue[] } {
  const table = tableIn(text);
  const rows: CountRow[] = [];
  const issues: Issue[] = [];
  for (const [index, cells] of table.entries()) {
    const wrong = (zh: string, en: string) =>
      void issues.push({
        severity: 'error',
        code: 'value',
        // The first row is the one of headings.
        text: { zh: `第 ${index + 2} 行:${zh}`, en: `Row ${index + 2}: ${en}` },
      });
    const plan = plans.find((each) => isNamed(each, cells.measure));
    const organization = [...directory.values()].find(
      ({ path, name }) =>
        path === `Organization/${cells.organization}` ||
        path === cells.organization ||
        name === cells.organization,
    );
    const period = cells.period ? readPeriod(cells.period) : periodOf(cells.start ?? '', cells.end ?? '');
    const counts = plan && countsIn(plan, cells);
    if (!plan) wrong(`没有指标「${cells.measure ?? ''}」`, `there is no measure "${cells.measure ?? ''}"`);
    if (!organization)
      wrong(
        `没有机构「${cells.organization ?? ''}」`,
        `there is no institution "${cells.organization ?? ''}"`,
      );
    if (!period)
      wrong(
        '时段有误,如 2026-11,或 2026-11-01 与 2026-11-30',
        'the period is wrong; it is as 2026-11, or two days',
      );
    if (plan && !counts) wrong('数量须为不小于 0 的整数', 'counts are whole numbers that are not below 0');
    if (plan && organization && period && counts)
      rows.push({ plan, organization, start: period.start, end: period.end, counts });
  }
  return { rows, issues };
}

function tableIn(text: string): Record<string, string>[] {
  try {
    const columns = (names: string[]) => names.map((name) => headings[name.trim()] ?? name.trim());
    const table = parse(text, {
      bom: true,
      columns,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 10_000,
    });
    if (table.length > 0 && table.length <= mostRows) return table as Record<string, string>[];
  } catch {
    // What the parser says is about characters, not about the table.
  }
  throw invalid('csv', {
    zh: `须为有表头的表格,1 到 ${mostRows} 行`,
    en: `it must be a table with a line of headings and 1 to ${mostRows} rows`,
  });
}

/** A Measure is named by its id, its Chinese name, or both languages as in its title. */
function isNamed({ resource }: MeasurePlan, name: string | undefined): boolean {
  const title = string(resource, 'title') ?? '';
  return name !== undefined && (resource.id === name || title === name || title.split(' / ')[0] === name);
}

function countsIn(
  { groups: [group] }: MeasurePlan,
  cells: Record<string, string>,
): Map<string, number> | undefined {
  const counts = new Map<string, number>();
  for (const { name } of group!.populations) {
    const cell = name === 'initial-population' ? (cells.count ?? cells.denominator) : cells[name];
    if (cell === undefined || !/^\d{1,12}$/.test(cell)) return undefined;
    counts.set(name, Number(cell));
  }
  return counts;
}
