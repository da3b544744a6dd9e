import type { SaxesTagNS } from 'saxes';
import { escapeAttribute, escapeText } from './escape.ts';
import { xhtml, xml, xmlns } from './namespaces.ts';

/**
 * The narrative that is being read. It is kept as it was written, where that can stand in JSON by itself: its elements
 * without prefix, in a `div` that names the namespace. Otherwise it is written anew.
 */
export class Narrative {
  /** Where in the text it begins. */
  readonly #start: number;
  #canStand: boolean;
  #anew = '';
  depth = 0;

  constructor(start: number, div: SaxesTagNS) {
    this.#start = start;
    this.#canStand = div.ns[''] === xhtml;
  }

  /** Takes the start of an element; gives the name of what is foreign to a narrative. */
  open(tag: SaxesTagNS): string | undefined {
    if (tag.uri !== xhtml) return `<${tag.name}>`;
    if (tag.prefix !== '') this.#canStand = false;
    this.#anew += `<${tag.local}`;
    if (this.depth++ === 0) this.#anew += ` xmlns="${xhtml}"`;
    for (const { name, local, uri, value } of Object.values(tag.attributes)) {
      if (uri === xmlns) continue;
      if (uri !== '' && uri !== xml) return name;
      this.#anew += ` ${uri === xml ? `xml:${local}` : local}="${escapeAttribute(value)}"`;
    }
    this.#anew += tag.isSelfClosing ? '/>' : '>';
    return undefined;
  }

  text(text: string): void {
    this.#anew += escapeText(text);
  }

  /** Takes a CDATA section, which JSON's readers of narratives do not know. */
  cdata(text: string): void {
    this.#canStand = false;
    this.text(text);
  }

  /** Takes the end of an element; gives the whole narrative when it was the last. */
  close(tag: SaxesTagNS, source: string, end: number): string | undefined {
    if (!tag.isSelfClosing) this.#anew += `</${tag.local}>`;
    if (--this.depth > 0) return undefined;
    return this.#canStand ? source.slice(this.#start, end) : this.#anew;
  }
}
