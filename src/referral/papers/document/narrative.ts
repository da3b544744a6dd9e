import type { Element } from '../../../fhir/resource.ts';
import { escaped } from '../../../html/escaped.ts';

/** The narrative of some lines of text (http://hl7.org/fhir/R4/narrative.html). */
export function narrativeOf(text: string): Element {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `<p>${escaped(line)}</p>`);
  return {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml" lang="zh-CN" xml:lang="zh-CN">${lines.join('')}</div>`,
  };
}
