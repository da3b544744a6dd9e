import { colon, emptyDate, type Field, type Line, type Sheet } from './sheet.ts';

/** A paper as plain text, a line for each of its lines; blanks are underscores. */
export function sheetText({ parts }: Sheet): string {
  return parts.flatMap(({ lines }) => lines.map(lineText)).join('\n');
}

const blank = '______';

function lineText(line: Line): string {
  switch (line.kind) {
    case 'sentence':
      return line.runs.map((run) => ('text' in run ? run.text : (run.value ?? blank))).join('');
    case 'row':
    case 'signature':
      return line.fields.map(fieldText).join('  ');
    case 'section':
      return `${line.label}${colon}${line.text ?? blank}`;
    default:
      throw new TypeError(`Unknown line ${line satisfies never}`);
  }
}

function fieldText({ label, value, isDate }: Field): string {
  return `${label}${label && colon}${value ?? (isDate ? emptyDate.trim() : blank)}`;
}
