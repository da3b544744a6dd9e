import type { Issue } from '../../fhir/outcome.ts';
import type { ReferralBundle } from './bundle/bundle.ts';
import type { Field } from './fields.ts';
import type { Mapping } from './mapping.ts';
import type { Problem } from './problem.ts';
import type { FlatRow } from './row.ts';

const place = /^Bundle\.entry\[(\d+)\](?:\.resource)?(.*)$/;

/**
 * What a referral is refused for, or warned of, in terms of the row that it was made from: the column that says what the
 * issue is about, else the one by which its rule is met.
 */
export function problemOfIssue(
  issue: Issue,
  row: FlatRow,
  { bundle, origins }: Pick<ReferralBundle, 'bundle' | 'origins'>,
  mapping: Mapping,
): Problem {
  const [, index, rest = ''] = place.exec(issue.expression?.[0] ?? '') ?? [];
  const rule = issue.coding?.code;
  const type = index === undefined ? undefined : bundle.entry[Number(index)]?.resource.resourceType;
  const path = type === undefined ? undefined : `${type}${rest.replace(/\[\d+\]/g, '')}`;
  const field = fieldAt(path, index === undefined ? [] : (origins[Number(index)] ?? []), rule, mapping, row);
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
  mapping: Mapping,
  row: FlatRow,
): Field | undefined {
  const byRule = mapping.fields.filter(({ rules }) => rule !== undefined && rules.includes(rule));
  if (byRule.length > 0) return byRule.find(({ code }) => row.values.has(code)) ?? byRule[0];
  if (path === undefined) return undefined;
  const isAt = ({ paths }: Field) => paths.some((each) => path.startsWith(each));
  const fields = mapping.fields.filter(({ code }) => origins.includes(code));
  const others = mapping.fields.filter(({ forms }) => forms.includes('referral'));
  return fields.find(isAt) ?? (fields.length === 1 ? fields[0] : others.find(isAt));
}
