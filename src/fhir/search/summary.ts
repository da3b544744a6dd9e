import type { Definitions } from '../definitions/definitions.ts';
import { type Digits, digits } from '../json/digits.ts';
import { type Element, isElement, type Resource } from '../resource.ts';
import { type Elements, elementsOf } from './elements.ts';
import { readElements, readSummary, type Summary } from './result-parameters.ts';

/** The part of a resource that is asked for: a form of `_summary`, or names of elements. */
export type Subset = Exclude<Summary, 'false' | 'count'> | { elements: readonly string[] };

/**
 * The part of resources that a request asks for with `_summary` or `_elements`; undefined for the whole. Refuses
 * other values than those of http://hl7.org/fhir/R4/search.html#summary.
 */
export function subsetAsked(query: readonly (readonly [name: string, value: string])[]): Subset | undefined {
  const summary = query.findLast(([name, value]) => name === '_summary' && value !== '')?.[1];
  const elements = query.flatMap(([name, value]) => (name === '_elements' ? readElements(value) : []));
  return subsetOfResults({
    ...(summary !== undefined && { summary: readSummary(summary) }),
    ...(elements.length > 0 && { elements }),
  });
}

/** The same of result parameters that have been read. */
export function subsetOfResults(asked: {
  summary?: Summary;
  elements?: readonly string[];
}): Subset | undefined {
  const { summary, elements } = asked;
  if (summary === 'true' || summary === 'text' || summary === 'data') return summary;
  return elements && { elements };
}

/**
 * The part of a resource, with the tag that keeps anyone from taking it for the whole: "Servers SHOULD mark the
 * resources with the tag SUBSETTED". Its mandatory elements, `id` and `meta` stay in every form.
 */
export function subsetOf(definitions: Definitions, resource: Resource, subset: Subset): Resource {
  const part = kept(elementsOf(definitions), resource, subset);
  return { ...part, resourceType: resource.resourceType, meta: marked(resource.meta) } as Resource;
}

const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};

function marked(meta: Resource['meta']): Resource['meta'] {
  const tags = meta?.tag ?? [];
  const isMarked = tags.some(({ system, code }) => system === subsetted.system && code === subsetted.code);
  return isMarked ? meta : { ...meta, tag: [...tags, subsetted] };
}

function kept(elements: Elements, resource: Resource, subset: Subset): Element {
  const members = elements.members(resource.resourceType);
  const always = (name: string) => name === 'resourceType' || name === 'id' || name === 'meta';
  const mandatory = (name: string) => members.get(name)?.mandatory === true;
  if (subset === 'data') return pick(resource, (name) => name !== 'text');
  if (subset === 'text') return pick(resource, (name) => always(name) || name === 'text' || mandatory(name));
  if (subset === 'true') return summarised(elements, resource, resource.resourceType);
  const wanted = new Set(subset.elements);
  return pick(resource, (name) => always(name) || wanted.has(name) || mandatory(name));
}

/** "All supported elements that are marked as summary in the base definition", at every depth. */
function summarised(elements: Elements, element: Element, type: string): Element {
  const members = elements.members(type);
  if (members.size === 0) return element;
  const part = pick(element, (name) => {
    const member = members.get(name);
    return member
      ? member.summary || member.mandatory || name === 'modifierExtension'
      : name === 'resourceType';
  });
  for (const name of Object.keys(part)) {
    const member = members.get(name);
    if (member)
      part[name] = each(part[name], (item) => summarised(elements, item, typeOf(item, member.type)));
  }
  return part;
}

function each(value: unknown, change: (element: Element) => Element): unknown {
  if (Array.isArray(value)) return value.map((item) => (isElement(item) ? change(item) : item));
  return isElement(value) ? change(value) : value;
}

/** Resources within resources say themselves what they are. */
function typeOf(element: Element, declared: string): string {
  return declared === 'Resource' && typeof element.resourceType === 'string'
    ? element.resourceType
    : declared;
}

/** The members that are kept, and with each primitive its companion `_name`. */
function pick(element: Element, isKept: (name: string) => boolean): Element {
  const part: Element & Digits = {};
  for (const name of Object.keys(element))
    if (isKept(name.startsWith('_') ? name.slice(1) : name)) part[name] = element[name];
  const source = (element as Digits)[digits];
  if (source) part[digits] = source;
  return part;
}
