import { type ElementType, propertyOf, typeNamed } from '../../src/fhir/fhirpath/types.ts';

/** An XML element; `source` is its own text, markup included. */
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

/** Parses well-formed XML without character data of interest, which is all that FHIR has outside of narratives. */
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

/** The JSON form of a resource in XML (http://hl7.org/fhir/R4/xml.html). */
export function resourceFromXml(element: XmlElement): Record<string, unknown> {
  return { resourceType: element.name, ...membersFromXml(element, typeNamed(element.name)) };
}

function membersFromXml(element: XmlElement, type: ElementType): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of ['id', 'url']) if (name in element.attributes) result[name] = element.attributes[name];
  for (const name of new Set(element.children.map((child) => child.name))) {
    const { repeats, siblingKey, type: memberType } = propertyOf(type, name);
    const items = element.children.filter((child) => child.name === name);
    const values = items.map((item) => valueFromXml(item, memberType));
    const beside = items.map((item) => (memberType.primitive ? siblingFromXml(item, memberType) : undefined));
    if (values.some((value) => value !== undefined))
      result[name] = repeats ? values.map((value) => value ?? null) : values[0];
    if (beside.some((value) => value !== undefined))
      result[siblingKey] = repeats ? beside.map((value) => value ?? null) : beside[0];
  }
  return result;
}

function valueFromXml(element: XmlElement, type: ElementType): unknown {
  if (element.name === 'div') return element.source;
  if (type.abstract) return resourceFromXml(element.children[0]!);
  if (!type.primitive) return membersFromXml(element, type);
  const { value } = element.attributes;
  if (value === undefined) return undefined;
  if (type.name === 'boolean') return value === 'true';
  return /^(decimal|integer|positiveInt|unsignedInt)$/.test(type.name) ? Number(value) : value;
}

function siblingFromXml(element: XmlElement, type: ElementType): unknown {
  if (element.name === 'div' || (element.children.length === 0 && !('id' in element.attributes)))
    return undefined;
  return membersFromXml(element, type);
}
