import { findings } from './findings/findings.ts';
import { checkLinks, type Link } from './narrative-links.ts';
import type { Visit } from './visit.ts';

const namespace = 'http://www.w3.org/1999/xhtml';

/** The HTML elements of a narrative: chapters 7 to 11 and 15 of HTML 4.0, without forms and objects. */
const elements = new Set(
  `a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3
  h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul
  var`.split(/\s+/),
);

const attributes = new Set(
  `abbr accesskey align alt axis border cellpadding cellspacing char charoff charset cite class colspan coords dir
  frame headers height href hreflang id ismap lang longdesc name nohref nowrap rel rev rowspan rules scope shape
  space span src start style summary tabindex target title type usemap valign width xml:lang xml:space
  xmlns`.split(/\s+/),
);

const tag = /^<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/;
const attribute = /([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g;
/** "There is no support for HTML entities like &nbsp;": XML knows five by name (http://hl7.org/fhir/R4/narrative.html#xhtml). */
const unknownEntity =
  /&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos);)([A-Za-z][A-Za-z0-9]{0,31};)?/;
const activeScheme = /^\s*(?:javascript|vbscript|data:text\/html)/i;
const longestTag = 100_000;

/**
 * Checks `Narrative.div` (http://hl7.org/fhir/R4/narrative.html): well-formed XHTML in one `div`, with formatting
 * elements only (txt-1: no scripts, forms, event handlers, active links), and some content (txt-2).
 */
export function checkNarrative(div: string, visit: Visit): void {
  const { report } = visit;
  const { malformed, forbidden, content, links, anchors } = readDiv(div.trim());
  if (malformed !== undefined) report.add(findings.narrativeNotXhtml, [malformed], div);
  else {
    if (forbidden.size > 0) report.add(findings.narrativeContent, [[...forbidden].join(', ')], div);
    if (!content) report.add(findings.narrativeEmpty, [], div);
    checkLinks(links, anchors, visit);
  }
}

interface Reading {
  /** What is not XHTML. */
  malformed?: string;
  forbidden: Set<string>;
  content: boolean;
  /** Where it leads to, and what in it can be led to. */
  links: Link[];
  anchors: Set<string>;
}

function readDiv(source: string): Reading {
  const open: string[] = [];
  const forbidden = new Set<string>();
  const links: Link[] = [];
  const anchors = new Set<string>();
  let content = false;
  let at = 0;
  const malformed = (what: string): Reading => ({ malformed: what, forbidden, content, links, anchors });

  if (!/^<div[\s>]/.test(source)) return malformed('<div> …');
  do {
    const next = source.indexOf('<', at);
    const text = source.slice(at, next === -1 ? source.length : next);
    if (text.trim() !== '') content = true;
    const entity = unknownEntity.exec(text)?.[0];
    if (entity !== undefined) return malformed(entity);
    if (next === -1) return malformed(`</${open.at(-1)}>`);
    if (source.startsWith('<!--', next)) {
      const end = source.indexOf('-->', next + 4);
      if (end === -1) return malformed('<!--');
      at = end + 3;
      continue;
    }
    const match = tag.exec(source.slice(next, endOfTag(source, next) + 1));
    if (!match) return malformed(source.slice(next, next + 40));
    const [whole, closing, name, attributeText, empty] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (closing) {
      if (open.pop() !== name) return malformed(whole);
    } else {
      if (!elements.has(name)) forbidden.add(`<${name}>`);
      if (name === 'img') content = true;
      readAttributes(name, attributeText, { forbidden, links, anchors });
      if (open.length === 0 && !attributeText.includes(namespace))
        return malformed(`<div xmlns="${namespace}">`);
      if (!empty) open.push(name);
    }
    at = next + whole.length;
  } while (open.length > 0);
  return at === source.length ? { forbidden, content, links, anchors } : malformed(source.slice(at, at + 40));
}

/** The `>` that closes a tag: one inside a quoted attribute does not. */
function endOfTag(source: string, start: number): number {
  let quote = '';
  for (let at = start; at < source.length && at - start < longestTag; at++) {
    const c = source[at]!;
    if (quote) {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") {
      quote = c;
    } else if (c === '>') {
      return at;
    }
  }
  return start;
}

function readAttributes(
  element: string,
  text: string,
  { forbidden, links, anchors }: Pick<Reading, 'forbidden' | 'links' | 'anchors'>,
): void {
  for (const [, name, quoted] of text.matchAll(attribute) as Iterable<[string, string, string]>) {
    const value = quoted.slice(1, -1);
    if (!attributes.has(name) && !name.startsWith('xmlns:')) forbidden.add(name);
    const leads = (name === 'href' && element === 'a') || (name === 'src' && element === 'img');
    if (leads) links.push({ element, target: value });
    if (name === 'id' || (name === 'name' && element === 'a')) anchors.add(value);
    if ((name === 'href' || name === 'src') && activeScheme.test(value))
      forbidden.add(`${name}="${value.slice(0, 20)}"`);
    if (name === 'style' && /expression\s*\(|javascript:/i.test(value)) forbidden.add('style');
  }
}
