import { randomUUID } from 'node:crypto';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import type { CodeSource } from '../../../fhir/terminology/code-source.ts';
import { type Designation, isAbstract, isInactive } from '../../../fhir/terminology/concept.ts';
import { displayOf, isOf } from '../../../fhir/terminology/display.ts';
import { type Expanded, expand, NotExpandable, wholeTable } from '../../../fhir/terminology/expand.ts';
import type { Contains, Sources, ValueSet } from '../../../fhir/terminology/value-set.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { languagesOf } from './answers.ts';
import { type Asked, readAsked } from './asked.ts';
import { definitionAsked, sourcesOf } from './sources.ts';

const definition = 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand';

/** The most concepts of one answer: a person pages, and a system asks for the definition. */
const mostConcepts = 10_000;

/** So many concepts behind a page are still counted: beyond that the expansion has no total. */
const mostCounted = 1_000;

/**
 * `ValueSet/$expand`: the codes of a value set, as a flat list (http://hl7.org/fhir/R4/valueset-operation-expand.html).
 * Refuses with 422 a value set whose codes are not here (`not-supported`), and one that is too long for one answer
 * (`too-costly`).
 */
export const expandValueSet: Operation = {
  name: '$expand',
  definition,
  on: { type: true, instance: true, types: ['ValueSet'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, definition, { name: 'valueSet', type: 'ValueSet' });
  const names = { resource: 'valueSet', url: 'url', version: 'valueSetVersion' };
  const valueSet = await definitionAsked<ValueSet>(request, server, asked, 'ValueSet', names);
  if (!valueSet) throw refuse(refusals.missingStepParameter, ['url']);
  const page = await pageOf(valueSet, asked, sourcesOf(server));
  const { compose, expansion: _, text: __, ...about } = valueSet;
  const { url, filter, offset, count, displayLanguage } = Object.fromEntries(
    ['url', 'filter', 'offset', 'count', 'displayLanguage'].map((name) => [name, asked.text(name)]),
  );
  const resource = {
    ...about,
    status: valueSet.status ?? 'active',
    ...(asked.flag('includeDefinition') && compose && { compose }),
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date(server.now()).toISOString(),
      ...(page.total !== undefined && { total: page.total }),
      offset: page.offset,
      parameter: [
        ...(url === undefined ? [] : [{ name: 'url', valueUri: url }]),
        ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
        ...(offset === undefined ? [] : [{ name: 'offset', valueInteger: Number(offset) }]),
        ...(count === undefined ? [] : [{ name: 'count', valueInteger: Number(count) }]),
        ...(displayLanguage === undefined ? [] : [{ name: 'displayLanguage', valueCode: displayLanguage }]),
        { name: 'excludeNested', valueBoolean: true },
        ...[...page.systems].map((valueUri) => ({ name: 'used-codesystem', valueUri })),
        ...[...page.fragments].map((valueUri) => ({ name: 'used-fragment', valueUri })),
      ],
      ...(page.contains.length > 0 && { contains: page.contains }),
    },
  };
  return { status: 200, resource: resource as unknown as Resource };
}

interface Page {
  contains: Contains[];
  offset: number;
  total?: number;
  /** `system|version` of what was read. */
  systems: ReadonlySet<string>;
  /** Those of which only some of the codes are here. */
  fragments: ReadonlySet<string>;
}

async function pageOf(valueSet: ValueSet, asked: Asked, given: Sources): Promise<Page> {
  const sources = inVersions(given, asked);
  const [offset, count] = [asked.count('offset') ?? 0, asked.count('count')];
  const most = Math.min(count ?? mostConcepts, mostConcepts);
  const isWhole =
    asked.text('filter') === undefined && !asked.flag('activeOnly') && excludedBy(asked).length === 0;
  const table = isWhole ? await wholeTable(valueSet, sources) : undefined;
  if (table?.whole) return pageOfTable(table, table.whole, asked, { offset, most });
  const [systems, fragments] = [new Set<string>(), new Set<string>()];
  const contains: Contains[] = [];
  const show = showAs(asked);
  const last = offset + most;
  let total = 0;
  try {
    for await (const concept of conceptsAsked(valueSet, asked, sources, fragments)) {
      total++;
      if (total > last && count === undefined)
        throw refuse(refusals.expansionTooLarge, [String(mostConcepts)]);
      if (total > last + mostCounted) break;
      systems.add(canonicalOf(concept));
      if (total > offset && total <= last) contains.push(show(concept));
    }
  } catch (error) {
    throw error instanceof NotExpandable
      ? refuse(refusals.notExpandable, [error.missing.slice(0, 200)])
      : error;
  }
  return { contains, offset, systems, fragments, ...(total <= last + mostCounted && { total }) };
}

/** A page of a whole table, for which nothing before it is read. */
async function pageOfTable(
  { url: system, version, language, isComplete }: CodeSource,
  { count: total, from }: NonNullable<CodeSource['whole']>,
  asked: Asked,
  { offset, most }: { offset: number; most: number },
): Promise<Page> {
  if (asked.count('count') === undefined && total - offset > most)
    throw refuse(refusals.expansionTooLarge, [String(mostConcepts)]);
  const about = {
    system,
    ...(version !== undefined && { version }),
    ...(language !== undefined && { language }),
  };
  const show = showAs(asked);
  const contains: Contains[] = [];
  if (most > 0)
    for await (const entry of from(offset)) {
      contains.push(show({ ...about, entry }));
      if (contains.length === most) break;
    }
  const fragments = new Set(isComplete ? [] : [system]);
  return { contains, offset, total, systems: new Set([canonicalOf(about)]), fragments };
}

async function* conceptsAsked(
  valueSet: ValueSet,
  asked: Asked,
  sources: Sources,
  fragments: Set<string>,
): AsyncGenerator<Expanded> {
  const text = asked.text('filter');
  const excluded = excludedBy(asked);
  const wanted = {
    ...(text !== undefined && { text }),
    activeOnly: asked.flag('activeOnly'),
    onFragment: (system: string) => fragments.add(system),
  };
  for await (const concept of expand(valueSet, sources, wanted))
    if (!excluded.includes(concept.system)) yield concept;
}

function excludedBy(asked: Asked): string[] {
  return asked.texts('exclude-system').map((each) => each.split('|', 1)[0]!);
}

function canonicalOf({ system, version }: { system: string; version?: string }): string {
  return version === undefined ? system : `${system}|${version}`;
}

/** Where the value set names no version of a system, that of `system-version` counts; `force-system-version` always does. */
function inVersions(sources: Sources, asked: Asked): Sources {
  const versionIn = (name: string, system: string) =>
    asked
      .texts(name)
      .find((each) => each.startsWith(`${system}|`))
      ?.slice(system.length + 1);
  return {
    ...sources,
    codes: (system, version) =>
      sources.codes(
        system,
        versionIn('force-system-version', system) ?? version ?? versionIn('system-version', system),
      ),
  };
}

/** How concepts are shown, as the parameters ask for it. */
function showAs(asked: Asked): (concept: Expanded) => Contains {
  const languages = languagesOf(asked.text('displayLanguage'));
  const isShown = designationsAsked(asked);
  return ({ system, version, language, entry }) => {
    const display = displayOf(entry, languages, language);
    const designation = (entry.designation ?? []).filter(isShown);
    return {
      system,
      ...(isAbstract(entry) && { abstract: true }),
      ...(isInactive(entry) && { inactive: true }),
      ...(version !== undefined && { version }),
      code: entry.code,
      ...(display !== undefined && { display }),
      ...(designation.length > 0 && { designation }),
    };
  };
}

/** All designations, or those that are asked for by `urn:ietf:bcp:47|language` or by their use. */
function designationsAsked(asked: Asked): (designation: Designation) => boolean {
  const wanted = asked.texts('designation').map((each) => each.split('|'));
  if (wanted.length === 0) return () => asked.flag('includeDesignations');
  return ({ language, use }) =>
    wanted.some(([system, code]) =>
      system === 'urn:ietf:bcp:47' ? isOf(language, code ?? '') : isCoding(use, system, code),
    );
}

function isCoding(use: Element | undefined, system: string | undefined, code: string | undefined): boolean {
  return use !== undefined && use.system === system && use.code === code;
}
