import { type Digits, digits } from '../json/digits.ts';
import { readJson } from '../json/parse.ts';
import { escapeAttribute } from './escape.ts';
import type { Layout, Layouts, Place } from './layout.ts';
import { fhir } from './namespaces.ts';

type Members = Record<string, unknown> & Digits;

/**
 * The XML of a resource whose JSON is valid (http://hl7.org/fhir/R4/xml.html): elements in the order of the definitions,
 * decimals digit for digit, narratives as they are. Indented when it is for people.
 */
export function writeXml(json: string, layouts: Pick<Layouts, 'of'>, pretty = false): string {
  const resource = readJson(json) as Members;
  let xml = '<?xml version="1.0" encoding="UTF-8"?>';
  // An indented text has a line for each element.
  const line = pretty ? (depth: number) => `\n${'  '.repeat(depth)}` : () => '';

  function writeResource(value: Members, depth: number, namespace = ''): void {
    const type = value.resourceType as string;
    write(type, value, layouts.of(type), namespace, depth);
  }

  /** Writes an element: its attributes, those that are no members last, and its content in the order of its layout. */
  function write(name: string, value: Members, layout: Layout, attributes: string, depth: number): void {
    const places = placesOf(value, layout, name);
    xml += `${line(depth)}<${name}`;
    let next = 0;
    for (let place = places[0]; place?.form === 'attribute'; place = places[++next])
      xml += ` ${place.name}="${escapeAttribute(String(value[place.name]))}"`;
    xml += attributes;
    if (next === places.length) {
      xml += '/>';
      return;
    }
    xml += '>';
    for (; next < places.length; next++) writeMember(value, places[next]!, depth + 1);
    xml += `${line(depth)}</${name}>`;
  }

  function writeMember(parent: Members, place: Place, depth: number): void {
    const value = parent[place.name];
    const beside = parent[`_${place.name}`];
    if (!Array.isArray(value) && !Array.isArray(beside)) {
      writeItem(place, value, beside, sourceOf(parent, place.name), depth);
      return;
    }
    const values = (value ?? []) as unknown[] & Digits;
    const siblings = (beside ?? []) as unknown[];
    for (let at = 0; at < Math.max(values.length, siblings.length); at++)
      writeItem(place, values[at], siblings[at], sourceOf(values, String(at)), depth);
  }

  function writeItem(
    { name, form, type }: Place,
    value: unknown,
    beside: unknown,
    source: string | undefined,
    depth: number,
  ): void {
    switch (form) {
      case 'narrative':
        xml += line(depth) + String(value);
        return;
      case 'resource':
        xml += `${line(depth)}<${name}>`;
        writeResource(value as Members, depth + 1);
        xml += `${line(depth)}</${name}>`;
        return;
      case 'complex':
        write(name, value as Members, layouts.of(type), '', depth);
        return;
      default: {
        const hasValue = value !== undefined && value !== null;
        if (!hasValue && !beside) return;
        const attribute = hasValue ? ` value="${escapeAttribute(source ?? String(value))}"` : '';
        if (beside) write(name, beside as Members, layouts.of(type), attribute, depth);
        else xml += `${line(depth)}<${name}${attribute}/>`;
      }
    }
  }

  writeResource(resource, 0, ` xmlns="${fhir}"`);
  return pretty ? `${xml}\n` : xml;
}

/** The places of the members that are there, in order. What has no place cannot be said in XML: a defect. */
function placesOf(value: Members, layout: Layout, name: string): Place[] {
  const places: Place[] = [];
  let isSorted = true;
  for (const key of Object.keys(value)) {
    // One type has an element of this name.
    if (key === 'resourceType' && !layout.has(key)) continue;
    const isBeside = key.startsWith('_');
    if (isBeside && key.slice(1) in value) continue;
    const place = layout.get(isBeside ? key.slice(1) : key);
    if (!place) throw new TypeError(`The definition of ${name} has no place for ${key.slice(0, 64)}`);
    isSorted &&= places.length === 0 || places.at(-1)!.order <= place.order;
    places.push(place);
  }
  return isSorted ? places : places.sort((a, b) => a.order - b.order);
}

/** The digits that a number was written with, where they are not those that JavaScript would write. */
function sourceOf(holder: Digits, name: string): string | undefined {
  return holder[digits]?.[name];
}
