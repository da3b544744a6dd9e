/** An element of a file of test cases; `source` is its own text, markup included. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  source: string;
}

const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Parses the well-formed XML that test cases and the resources in them stand in. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], source: '' };
  const open: { element: XmlElement; start: number }[] = [{ element: root, start: 0 }];
  for (const match of text.matchAll(token)) {
    const [whole, closing, name, attributes, selfClosing] = match;
    if (closing) {
      const { element, start } = open.pop()!;
      if (element.name !== closing) throw new SyntaxError(`</${closing}> closes <${element.name}>`);
      element.source = text.slice(start, match.index + whole.length);
    } else if (name) {
      const element: XmlElement = { name, attributes: {}, children: [], source: whole };
      for (const [, key, double, single] of attributes!.matchAll(attribute))
        element.attributes[key!] = unescaped(double ?? single ?? '');
      open.at(-1)!.element.children.push(element);
      if (!selfClosing) open.push({ element, start: match.index });
    }
  }
  if (open.length > 1) throw new SyntaxError(`<${open.at(-1)!.element.name}> is not closed`);
  return root.children[0]!;
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
    name ? entities[name]! : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
  );
}
