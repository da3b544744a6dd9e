import type { Issue } from '../../fhir/outcome.ts';
import { codingIn } from './bundle/part.ts';
import type { Field } from './fields.ts';
import type { Problem } from './problem.ts';
import type { FlatRow, RowReader } from './row.ts';

/** What the entries of a bundle are, by their place: the type of each, and the fields that it was made from. */
export interface Entries {
  types: readonly string[];
  origins: readonly (readonly string[])[];
}

const place = /^Bundle\.entry\[(\d+)\](?:\.resource)?(.*)$/;

/**
 * What a referral is refused for, or warned of, in terms of the row that it was made from: the column that says what the
 * issue is about, else the one by which its rule is met.
 */
export function problemOfIssue(
  issue: Issue,
  row: FlatRow,
  { types, origins }: Entries,
  { mapping, form }: Pick<RowReader, 'mapping' | 'form'>,
): Problem {
  const [, index, rest = ''] = place.exec(issue.expression?.[0] ?? '') ?? [];
  const rule = issue.coding?.code;
  const type = index === undefined ? undefined : types[Number(index)];
  const path = type === undefined ? undefined : `${type}${rest.replace(/\[\d+\]/g, '')}`;
  const field = fieldAt(
    path,
    index === undefined ? [] : (origins[Number(index)] ?? []),
    rule,
    { mapping, form },
    row,
  );
  const written = field && row.written.get(field.code);
  const found = issue.diagnostics ?? (written === undefined ? undefined : String(written));
  return {
    ...(field && {
      column: row.columns.get(field.code) ?? field.name.zh,
      field: field.code,
      expected: field.about,
    }),
    ...(found !== undefined && { found: found.slice(0, 300) }),
    text: issue.text,
    ...(rule !== undefined && { rule }),
  };
}

function fieldAt(
  path: string | undefined,
  origins: readonly string[],
  rule: string | undefined,
  { mapping, form }: Pick<RowReader, 'mapping' | 'form'>,
  row: FlatRow,
): Field | undefined {
  const byRule = mapping.fields.filter(({ rules }) => rule !== undefined && rules.includes(rule));
  if (byRule.length > 0) return byRule.find(({ code }) => row.values.has(code)) ?? byRule[0];
  if (path === undefined) return undefined;
  const isAt = ({ paths }: Field) => paths.some((each) => path.startsWith(each));
  const fields = mapping.fields.filter(({ code }) => origins.includes(code));
  const others = mapping.fields.filter((field) => field.forms.includes(form) && isAt(field));
  const action = codingIn(row, 'action')?.code;
  // What only this step has, such as the reason of a rejection, is meant before what many have.
  const own = action === undefined ? undefined : others.find(({ code }) => code.startsWith(`${action}-`));
  const meant = own ?? others.find(({ forms }) => forms.length === 1) ?? others[0];
  return fields.find(isAt) ?? (fields.length === 1 ? fields[0] : meant);
}
