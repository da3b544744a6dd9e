import { type Element, isElement, isResource, type Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import type { Visit } from '../visit.ts';
import { at, elementsOf, textOf } from './members.ts';

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const restful = /^https?:\/\/.*\/([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/;

/** Links that page through results, which only searches and histories have. */
const paging = new Set(['first', 'previous', 'next', 'last']);
const paged = new Set(['searchset', 'history']);

/** Bundles whose entries need no fullUrl. */
const requests = new Set(['transaction', 'transaction-response', 'batch', 'batch-response']);

/** The rules of http://hl7.org/fhir/R4/bundle.html about links, full URLs, search results, documents and messages. */
export function checkBundle(bundle: Resource, visit: Visit): void {
  const type = textOf(bundle, 'type') ?? '';
  checkLinks(bundle, type, visit);
  for (const { element, index } of elementsOf(bundle.entry)) {
    at(visit, [['entry', index]], () => checkFullUrl(element, type, visit));
    if (type === 'searchset') at(visit, [['entry', index]], () => checkSearchEntry(element, visit));
  }
  if (type === 'document' || type === 'message') checkFirstEntry(bundle, type, visit);
}

function checkLinks(bundle: Resource, type: string, visit: Visit): void {
  const seen = new Set<string>();
  for (const { element, index } of elementsOf(bundle.link)) {
    const relation = textOf(element, 'relation');
    if (relation === undefined) continue;
    const place = [['link', index], ['relation']] as const;
    if (paging.has(relation) && !paged.has(type)) {
      at(visit, place, () => visit.report.add(findings.pagingLink, [relation], relation));
    }
    if (seen.has(relation) && (relation === 'self' || paging.has(relation))) {
      at(visit, place, () => visit.report.add(findings.duplicateLink, [relation], relation));
    }
    seen.add(relation);
  }
}

function checkFullUrl(entry: Element, type: string, { report }: Visit): void {
  const fullUrl = textOf(entry, 'fullUrl');
  if (fullUrl === undefined) {
    if (entry.fullUrl === undefined && !requests.has(type) && entry.resource !== undefined) {
      report.add(findings.missingFullUrl);
    }
    return;
  }
  if (!absolute.test(fullUrl)) report.add(findings.relativeFullUrl, [], fullUrl);
  const named = restful.exec(fullUrl)?.[1];
  const { resource, request } = entry;
  // A patch stands in the entry of what it patches.
  const patches = isElement(request) && request.method === 'PATCH';
  if (!named || !isResource(resource) || patches) return;
  const { resourceType, id } = resource;
  if (!named.startsWith(`${resourceType}/`))
    report.add(findings.fullUrlOfOtherType, [fullUrl, resourceType], fullUrl);
  else if (typeof id === 'string' && named !== `${resourceType}/${id}`)
    report.add(findings.fullUrlOfOther, [fullUrl, `${resourceType}/${id}`], fullUrl);
}

function checkSearchEntry(entry: Element, { report }: Visit): void {
  const { resource, search } = entry;
  if (!isResource(resource)) {
    report.add(findings.searchWithoutResource);
    return;
  }
  const mode = isElement(search) ? search.mode : undefined;
  if (mode === 'outcome') {
    if (resource.resourceType !== 'OperationOutcome')
      report.add(findings.searchOutcome, [resource.resourceType]);
  } else if (mode !== undefined && resource.id === undefined) report.add(findings.searchWithoutId);
}

/** http://hl7.org/fhir/R4/documents.html#bundle and http://hl7.org/fhir/R4/messaging.html: what the first entry names is there. */
function checkFirstEntry(bundle: Resource, type: 'document' | 'message', visit: Visit): void {
  const first = elementsOf(bundle.entry)[0]?.element.resource;
  if (!isResource(first)) {
    visit.report.add(findings.withoutFirstEntry, [type === 'document' ? 'Composition' : 'MessageHeader']);
    return;
  }
  at(visit, [['entry', 0], ['resource']], () => {
    if (first.resourceType === 'Composition') checkComposition(first, first, visit);
    else if (first.resourceType === 'MessageHeader') checkReferences(first, ['focus'], first, visit);
  });
}

function checkComposition(element: Element, composition: Resource, visit: Visit): void {
  checkReferences(
    element,
    ['subject', 'author', 'encounter', 'custodian', 'focus', 'entry'],
    composition,
    visit,
  );
  for (const { element: attester, index } of elementsOf(element.attester)) {
    at(visit, [['attester', index]], () => checkReferences(attester, ['party'], composition, visit));
  }
  for (const { element: event, index } of elementsOf(element.event)) {
    at(visit, [['event', index]], () => checkReferences(event, ['detail'], composition, visit));
  }
  for (const { element: section, index } of elementsOf(element.section)) {
    at(visit, [['section', index]], () => checkComposition(section, composition, visit));
  }
}

function checkReferences(element: Element, names: readonly string[], from: Resource, visit: Visit): void {
  for (const name of names) {
    const value = element[name];
    if (isElement(value)) at(visit, [[name]], () => checkInBundle(value, from, visit));
    for (const { element: one, index } of elementsOf(value)) {
      at(visit, [[name, index]], () => checkInBundle(one, from, visit));
    }
  }
}

function checkInBundle(value: Element, from: Resource, { report, bundle }: Visit): void {
  const reference = textOf(value, 'reference');
  if (reference === undefined || reference.startsWith('#') || !bundle) return;
  const found = bundle.resolve(reference, from);
  if (found.length === 0) report.add(findings.notInBundle, [reference], reference);
  else if (found.length > 1)
    report.add(findings.severalInBundle, [String(found.length), reference], reference);
}
