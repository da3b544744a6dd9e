import { styleText } from 'node:util';
import { type Found, isGrave } from './finding.ts';
import type { Checked } from './validate.ts';

/** What is shown of an input: a line by itself where all is well, else each finding with the line that it is about. */
export function reportOf({ input, findings }: Checked): string {
  const name = input.line > 1 ? `${input.name}:${input.line}` : input.name;
  const mark = findings.some(isGrave) ? colour('red', '✗') : colour('green', '✓');
  const lines = input.text.split('\n');
  return [
    `${mark} ${name}`,
    ...findings.flatMap((finding) => shown(finding, input.name, lines, input.line)),
  ].join('\n');
}

function shown(
  { severity, code, text, expression, place }: Found,
  name: string,
  lines: readonly string[],
  first: number,
): string[] {
  const paint = severity === 'warning' ? 'yellow' : 'red';
  const at = place ? `${name}:${place.line}:${place.column}` : name;
  const [line] = place ? [lines[place.line - first]] : [];
  return [
    `  ${colour(paint, severityName[severity])} ${at}${expression ? ` ${expression}` : ''}`,
    `    ${text} [${code}]`,
    // Of a resource on one line only the place is worth showing.
    ...(line !== undefined && line.length <= widest
      ? [`    | ${line}`, `    | ${' '.repeat(place!.column - 1)}${colour(paint, '^')}`]
      : []),
  ];
}

const widest = 160;

const severityName: Record<Found['severity'], string> = {
  fatal: '错误/error',
  error: '错误/error',
  warning: '警告/warning',
  information: '提示/information',
};

/** Colours on a terminal alone, and not where `NO_COLOR` is set. */
function colour(format: 'red' | 'green' | 'yellow', text: string): string {
  return styleText(format, text, { stream: process.stdout, validateStream: true });
}

/** Counted at the end. */
export function summaryOf(checked: readonly Pick<Checked, 'findings'>[]): string {
  const errors = checked.filter(({ findings }) => findings.some(isGrave)).length;
  const warnings = checked
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity === 'warning').length;
  return `${checked.length} 个资源,${errors} 个有错误,${warnings} 个警告 / ${checked.length} resources, ${errors} with errors, ${warnings} warnings`;
}

/** One line of JSON an input, for programs. */
export function jsonOf({ input, findings }: Checked): string {
  const issues = findings.map(({ place, ...finding }) => ({ ...finding, ...place }));
  return JSON.stringify({ file: input.name, line: input.line, valid: !findings.some(isGrave), issues });
}
