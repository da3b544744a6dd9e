import { elements, extension, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { escaped } from '../../../html/escaped.ts';
import { pagePolicyOf } from '../../../html/page-policy.ts';
import { extensions } from '../../vocabulary.ts';
import { localTime } from '../local-time.ts';
import { populationCode } from './measure.ts';

/** How reports look, on the screen and on A4. */
const style = `
@page { size: A4; margin: 14mm 16mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 186mm; padding: 8mm; color: #111; font: 10.5pt/1.7 "Songti SC", SimSun, "Noto Serif CJK SC", "Noto Sans SC", serif }
h1 { text-align: center; font-size: 17pt; line-height: 1.4 }
h2 { font-size: 13pt; margin: 6mm 0 1mm }
h3 { font-size: 11pt; margin: 4mm 0 1mm }
p { margin: 0 0 1.5mm }
.formula { color: #444; font-size: 9.5pt }
figure { margin: 0 0 3mm; break-inside: avoid }
svg { width: 100%; height: auto }
svg text { font-size: 11px; fill: #111 }
svg rect { fill: #33689a }
table { width: 100%; border-collapse: collapse; font-size: 9.5pt; break-inside: auto }
th, td { border: 1px solid #999; padding: 0.5mm 2mm; text-align: left }
td + td, th + th { text-align: right }
footer { margin-top: 8mm; font-size: 9pt; color: #444 }
`;

/** What a browser may do with the page. */
export const reportPagePolicy = pagePolicyOf(style);

/** So many strata are drawn, and told in the table; the others stand there together. */
const mostDrawn = 12;
const mostListed = 40;

/** A Measure, and what it says of a period. */
export interface MeasuredReport {
  measure: Resource;
  report: Resource;
}

/** Reports as a page that an office can send on: each with its formula, its numbers in words, charts and tables. */
export function reportPage(title: string, reports: readonly MeasuredReport[], now: number): string {
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${reports.map(reportHtml).join('\n')}
<footer>${escaped(`由转诊单、任务和就诊记录统计,生成于 ${localTime(now)}。每个数字均可追溯到转诊单(reportType=subject-list)。`)}</footer>
</body>
</html>
`;
}

function reportHtml({ measure, report }: MeasuredReport): string {
  const name = (string(measure, 'title') ?? '').split(' / ')[0]!;
  const formula = string(measure, 'rateAggregation') ?? '';
  const isPending = report.status === 'pending';
  const [target] = elements(extension(measure, extensions.measureTarget), 'valueQuantity');
  const groups = elements(report, 'group');
  return `<section><h2>${escaped(name)}</h2>
<p class="formula">${escaped(formula)}</p>
${isPending ? '<p>本时段缺少须由他人提供的数据,尚未导入,故不给出结果。</p>' : ''}
${groups.map((group) => groupHtml(group, target)).join('\n')}
</section>`;
}

function groupHtml(group: Element, target: Element | undefined): string {
  const score = scoreWords(group);
  const counts = elements(group, 'population').map(
    (each) => `${nameOf(elements(each, 'code')[0])} ${each.count}`,
  );
  const compared = target && score ? `(目标 ${target.value}${target.unit})` : '';
  const line = `${nameOf(elements(group, 'code')[0])}${score ? `:${score}${compared}` : ''};${[...new Set(counts)].join(',')}。`;
  return `<p>${escaped(line)}</p>${elements(group, 'stratifier')
    .map((each) => stratifierHtml(each, group))
    .join('\n')}`;
}

/** One stratum as it is drawn: by its score where the group has one, else by its count. */
interface Bar {
  name: string;
  counts: number[];
  value: number;
  shown: string;
}

function stratifierHtml(stratifier: Element, group: Element): string {
  const title = `按${nameOf(elements(stratifier, 'code')[0])}`;
  const whole = Number(elements(group, 'population')[0]?.count ?? 0);
  const isScored = elements(group, 'measureScore').length > 0;
  const bars = elements(stratifier, 'stratum').map((stratum): Bar => {
    const counts = elements(stratum, 'population').map(({ count }) => Number(count ?? 0));
    const [score] = elements(stratum, 'measureScore');
    const value = isScored ? Number(score?.value ?? 0) : counts[0]!;
    const share = whole > 0 ? `${((counts[0]! / whole) * 100).toFixed(1)}%` : '';
    return {
      name: nameOf(elements(stratum, 'value')[0]),
      counts,
      value,
      shown: isScored ? (scoreWords(stratum) ?? '-') : `${counts[0]}(${share})`,
    };
  });
  // Months stand in their order, everything else by size.
  const isTime = bars.every(({ name }) => /^\d{4}-\d\d$/.test(name));
  const sorted = isTime ? bars : [...bars].sort((a, b) => b.value - a.value || b.counts[0]! - a.counts[0]!);
  if (sorted.length === 0) return '';
  const populations = elements(group, 'population').filter(
    (each, index, all) => all.findIndex((other) => populationCode(other) === populationCode(each)) === index,
  );
  return `<h3>${escaped(title)}</h3>
<p>${escaped(wordsOf(sorted, isScored, isTime))}</p>
${chart(sorted.slice(0, mostDrawn), title)}
<table><tr><th>${escaped(title.slice(1))}</th>${populations.map((each) => `<th>${escaped(nameOf(elements(each, 'code')[0]))}</th>`).join('')}<th>${isScored ? '结果' : '人次(占比)'}</th></tr>
${sorted
  .slice(0, mostListed)
  .map(
    ({ name, counts, shown }) =>
      `<tr><td>${escaped(name)}</td>${counts.map((count) => `<td>${count}</td>`).join('')}<td>${escaped(shown)}</td></tr>`,
  )
  .join('\n')}
${sorted.length > mostListed ? `<tr><td>其余 ${sorted.length - mostListed} 项</td></tr>` : ''}</table>`;
}

/** What a chart shows, in a sentence. */
function wordsOf(bars: readonly Bar[], isScored: boolean, isTime: boolean): string {
  if (isTime || isScored) {
    const [first] = [...bars].sort((a, b) => b.value - a.value);
    const last = [...bars].sort((a, b) => a.value - b.value)[0]!;
    return bars.length === 1
      ? `${first!.name}:${first!.shown}。`
      : `最高为${first!.name},${first!.shown};最低为${last.name},${last.shown}。`;
  }
  const leading = bars.slice(0, 3).map(({ name, shown }) => `${name} ${shown}`);
  return `共 ${bars.length} 项,居前的为:${leading.join('、')}。`;
}

const rowHeight = 22;
const width = 640;
const labels = 230;

/** Horizontal bars, each with its name and value, as SVG in the page. */
function chart(bars: readonly Bar[], title: string): string {
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const rows = bars.map(({ name, value, shown }, index) => {
    const y = index * rowHeight;
    const length = most > 0 ? Math.round((value / most) * (width - labels - 110)) : 0;
    return `<text x="${labels - 6}" y="${y + 15}" text-anchor="end">${escaped(name.slice(0, 20))}</text><rect x="${labels}" y="${y + 4}" width="${length}" height="14"/><text x="${labels + length + 5}" y="${y + 15}">${escaped(shown)}</text>`;
  });
  return `<figure><svg viewBox="0 0 ${width} ${bars.length * rowHeight}" role="img" aria-label="${escaped(title)}">${rows.join('')}</svg></figure>`;
}

function scoreWords(parent: Element): string | undefined {
  const [score] = elements(parent, 'measureScore');
  if (typeof score?.value !== 'number') return undefined;
  return score.unit === 'h' ? `${score.value} 小时` : `${score.value}${score.unit}`;
}

function nameOf(concept: Element | undefined): string {
  return string(concept, 'text') ?? string(elements(concept, 'coding')[0], 'display') ?? '';
}
