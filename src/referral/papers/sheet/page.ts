import { escaped } from '../../../html/escaped.ts';
import { pagePolicyOf } from '../../../html/page-policy.ts';
import { qrMatrix } from './matrix.ts';
import { colon, emptyDate, type Field, type Line, type Run, type Sheet, takesDate } from './sheet.ts';

/** How the papers look, on the screen and on A4. */
const style = `
@page { size: A4; margin: 12mm 18mm }
* { box-sizing: border-box }
body { margin: 0; background: #e7e7e7; color: #000; font: 10.5pt/1.7 "Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans SC", serif }
main { width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 14mm 18mm; background: #fff; box-shadow: 0 0 3mm #999 }
section { position: relative; padding-bottom: 4mm }
section + section { border-top: 1px dashed #000; padding-top: 5mm }
h1 { margin: 0 0 2mm; text-align: center; font-size: 16pt; line-height: 1.5; font-weight: bold; white-space: pre-wrap }
header { min-height: 22mm }
header svg { position: absolute; right: 0; width: 22mm; height: 22mm }
header p { position: absolute; left: 0; margin: 0; font-size: 9pt; line-height: 1.6 }
p { margin: 0 0 1mm; overflow-wrap: anywhere; white-space: pre-wrap }
.row { display: flex; flex-wrap: wrap; gap: 0 4mm; margin-bottom: 1mm }
.row > span, .signature > span { display: flex; flex: 1 1 auto }
.value { flex: 1; min-width: 14mm; padding: 0 1mm; border-bottom: 1px solid #000; overflow-wrap: anywhere; white-space: pre-wrap }
u { padding: 0 1mm; text-decoration: none; border-bottom: 1px solid #000; white-space: pre-wrap }
u:empty { display: inline-block; min-width: 26mm; height: 1em }
.blank { height: 1.7em; margin-left: 2em; border-bottom: 1px solid #000 }
.text { padding-left: 2em; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere }
.signature { display: flex; flex-direction: column; width: 80mm; margin: 3mm 0 0 auto; break-inside: avoid }
@media print { body { background: none } main { width: auto; min-height: 0; margin: 0; padding: 0; box-shadow: none } }
`;

/** What a browser may do with the page. */
export const pagePolicy = pagePolicyOf(style);

/** A paper as a page (HTML5) that prints on A4. */
export function pageOf(sheet: Sheet): string {
  const code = qrImage(sheet.number);
  const corner = sheet.corner
    .map(({ label, value }) => `${escaped(label)}${colon}${escaped(value ?? '')}`)
    .join('<br>');
  const parts = sheet.parts.map(
    ({ heading, lines }) => `<section>
<header>${code}${corner && `<p>${corner}</p>`}<h1>${escaped(heading)}</h1></header>
${lines.map(lineHtml).join('\n')}
</section>`,
  );
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(sheet.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${parts.join('\n')}
</main>
</body>
</html>
`;
}

function lineHtml(line: Line): string {
  switch (line.kind) {
    case 'sentence':
      return `<p>${line.runs.map(runHtml).join('')}</p>`;
    case 'row':
      return `<div class="row">${line.fields.map(fieldHtml).join('')}</div>`;
    case 'signature':
      return `<div class="signature">${line.fields.map(fieldHtml).join('')}</div>`;
    case 'section': {
      const label = `<p>${escaped(line.label)}${colon}</p>`;
      const blank = '<div class="blank"></div>';
      return line.text === undefined
        ? label + blank + blank
        : `${label}<p class="text">${escaped(line.text)}</p>`;
    }
    default:
      throw new TypeError(`Unknown line ${line satisfies never}`);
  }
}

function runHtml(run: Run): string {
  if ('text' in run) return escaped(run.text);
  return `<u>${escaped(run.value ?? (takesDate(run.blank) ? emptyDate : ''))}</u>`;
}

function fieldHtml({ label, value, isDate }: Field): string {
  const name = label === '' ? '' : `${escaped(label)}${colon}`;
  return `<span>${name}<span class="value">${escaped(value ?? (isDate ? emptyDate : ''))}</span></span>`;
}

/** The QR code as a picture in the page; its dark fields are one path. */
function qrImage(number: string | undefined): string {
  const matrix = qrMatrix(number);
  if (!matrix) return '';
  const path = matrix
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
    .join('');
  return `<svg role="img" aria-label="${escaped(number!)}" viewBox="0 0 ${matrix.length} ${matrix.length}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
}
