import { type Detail, type Refusal, refusals, refuse } from '../refusal.ts';

/** The most values that one parameter may list, joined by commas. */
const mostValues = 1000;

/**
 * Splits a value of a search at a separator that is not escaped; the escapes stay for the next split
 * (http://hl7.org/fhir/R4/search.html#escaping: `\,` `\|` `\$` `\\`).
 */
export function split(value: string, separator: ',' | '|' | '$'): string[] {
  if (!value.includes('\\')) return value.split(separator);
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === separator) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

/** The value without its escapes. */
export function literal(value: string): string {
  return value.includes('\\') ? value.replace(/\\([,|$\\])/g, '$1') : value;
}

/**
 * The alternatives of a parameter's value, without empty ones ("Empty parameters are not an error - they are just
 * ignored", http://hl7.org/fhir/R4/search.html#errors). Refuses more than a search may list and wrong escapes.
 */
export function alternatives(name: string, value: string): string[] {
  if (/(?<!\\)(\\\\)*\\([^,|$\\]|$)/.test(value))
    throw invalid(name, { zh: `「${value}」中的转义有误`, en: `wrong escape in "${value}"` });
  const values = split(value, ',').filter((each) => each !== '');
  if (values.length > mostValues) throw refuse(refusals.tooCostly, [`${name}: > ${mostValues}`]);
  return values;
}

/** The refusal of a parameter's value: which parameter, and what is wrong with it. */
export function invalid(name: string, problem: Detail): Refusal {
  // The parts of a composite have no names of their own.
  return name === ''
    ? refuse(refusals.invalidPart, [problem])
    : refuse(refusals.invalidParameter, [name, problem]);
}
