import { SaxesParser, type SaxesTagNS } from 'saxes';
import { mostValues } from '../json/parse.ts';
import type { Text } from '../outcome.ts';
import { refusals, refuse } from '../refusal.ts';
import type { Layouts } from './layout.ts';
import { Narrative } from './narrative.ts';
import { faultOf, problems, refuseXml } from './problems.ts';
import { ResourceBuilder } from './resource-builder.ts';

/** The most attributes of one element; FHIR's have two, and those of a narrative a few. */
const mostAttributes = 50;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the XML of a resource (http://hl7.org/fhir/R4/xml.html) and gives its JSON, decimals digit for digit, narratives
 * as they are; comments, processing instructions and the place of a schema are left out. Refuses what is not XML, what
 * defines entities, and what the definitions have no place for (`refusals.invalidXml`, with line and column), what would
 * be nested deeper than `maxDepth` in JSON, and more elements than JSON may have values (`refusals.tooManyValues`).
 * Values are not checked further than that JSON can say them.
 */
export function readXml(bytes: Uint8Array, layouts: Layouts, maxDepth: number): string {
  const text = decode(bytes);
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const builder = new ResourceBuilder(layouts, maxDepth, refuseTag);
  let narrative: Narrative | undefined;
  let elements = 0;
  let attributes = 0;

  function refuseHere(problem: Text): never {
    throw refuseXml(problem, text, parser.position);
  }
  /** For what is told of a tag, when the parser is at its end. */
  function refuseTag(problem: Text): never {
    throw refuseXml(problem, text, startOfTag());
  }
  function startOfTag(): number {
    return text.lastIndexOf('<', parser.position - 1);
  }
  function openInNarrative(within: Narrative, tag: SaxesTagNS): void {
    const foreign = within.open(tag);
    if (foreign !== undefined) refuseTag(problems.foreign(foreign));
    if (within.depth > maxDepth) refuseTag(problems.tooDeep(maxDepth));
  }

  parser.on('error', ({ message }) => refuseHere(faultOf(message)));
  parser.on('doctype', () => refuseHere(problems.doctype));
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding))
      refuseHere(problems.encoding(encoding));
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++elements > mostValues) throw refuse(refusals.tooManyValues, [String(mostValues)]);
  });
  parser.on('attribute', () => {
    if (++attributes > mostAttributes) refuseHere(problems.attributes(mostAttributes));
  });
  parser.on('opentag', (tag) => {
    if (!narrative && builder.open(tag)) narrative = new Narrative(startOfTag(), tag);
    if (narrative) openInNarrative(narrative, tag);
  });
  parser.on('closetag', (tag) => {
    if (!narrative) {
      builder.close();
      return;
    }
    const div = narrative.close(tag, text, parser.position);
    if (div === undefined) return;
    narrative = undefined;
    builder.closeNarrative(div);
  });
  parser.on('text', (content) => {
    if (narrative) narrative.text(content);
    else if (/\S/.test(content)) builder.refuseText(refuseHere);
  });
  parser.on('cdata', (content) => {
    if (narrative) narrative.cdata(content);
    else builder.refuseText(refuseHere);
  });
  parser.write(text).close();
  return builder.json();
}

/** The text of a body, without the mark that some programs put before it. */
function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuseXml(problems.notUtf8);
  }
}
