import type { Coding, Resource } from '../resource.ts';

/** A mapping of one code to another (http://hl7.org/fhir/R4/conceptmap.html). */
interface Target {
  code?: string;
  display?: string;
  equivalence: string;
  dependsOn?: Dependency[];
  product?: Dependency[];
}
interface Dependency {
  property: string;
  system?: string;
  value: string;
  display?: string;
}
interface Group {
  source?: string;
  sourceVersion?: string;
  target?: string;
  targetVersion?: string;
  element: { code: string; display?: string; target?: Target[] }[];
  unmapped?: { mode: 'provided' | 'fixed' | 'other-map'; code?: string; display?: string; url?: string };
}

export interface ConceptMap extends Resource {
  url?: string;
  group?: Group[];
}

/** A code that another one is mapped to. */
export interface Match {
  equivalence: string;
  concept?: Coding;
  product: readonly Dependency[];
  /** The canonical URL of the map that says so. */
  source?: string;
}

/** The equivalences by which the target is no translation. */
const none: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);

/** The other way round, a narrower target is a wider one. */
const reversed: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

/** Whether a match is a translation, and not the statement that there is none. */
export function isTranslation({ equivalence, concept }: Match): boolean {
  return concept !== undefined && !none.has(equivalence);
}

/**
 * What a map says of a code (http://hl7.org/fhir/R4/conceptmap-operation-translate.html).
 *
 * @param targetSystem only to this code system
 * @param isReverse from the targets of the map to its sources
 */
export function translate(
  map: ConceptMap,
  coding: Coding,
  { targetSystem, isReverse = false }: { targetSystem?: string | undefined; isReverse?: boolean } = {},
): Match[] {
  return (map.group ?? []).flatMap((group) => {
    const [from, to] = isReverse ? [group.target, group.source] : [group.source, group.target];
    if (coding.system !== undefined && from !== undefined && from !== coding.system) return [];
    if (targetSystem !== undefined && to !== targetSystem) return [];
    const matches = isReverse ? sourcesOf(group, coding) : targetsOf(group, coding);
    return matches.map((match) => ({ ...match, ...(map.url !== undefined && { source: map.url }) }));
  });
}

function targetsOf(
  { target: system, targetVersion, element, unmapped }: Group,
  { code, display }: Coding,
): Match[] {
  const version = targetVersion === undefined ? {} : { version: targetVersion };
  const own = element.filter((each) => each.code === code);
  if (own.length > 0)
    return own.flatMap(({ target = [] }) =>
      target.map(({ code, display, equivalence, product = [] }) => ({
        equivalence,
        product,
        ...(code !== undefined && { concept: codingOf(system, code, display, version) }),
      })),
    );
  if (unmapped?.mode === 'provided' && code !== undefined)
    return [{ equivalence: 'equal', product: [], concept: codingOf(system, code, display, version) }];
  if (unmapped?.mode === 'fixed' && unmapped.code !== undefined) {
    const concept = codingOf(system, unmapped.code, unmapped.display, version);
    return [{ equivalence: 'inexact', product: [], concept }];
  }
  return [];
}

function sourcesOf({ source: system, sourceVersion, element }: Group, { code }: Coding): Match[] {
  const version = sourceVersion === undefined ? {} : { version: sourceVersion };
  return element.flatMap((each) =>
    (each.target ?? [])
      .filter((target) => target.code === code)
      .map(({ equivalence }) => ({
        equivalence: reversed[equivalence] ?? equivalence,
        product: [],
        concept: codingOf(system, each.code, each.display, version),
      })),
  );
}

/** The maps that a map goes on to for what it does not have itself. */
export function otherMaps({ group = [] }: ConceptMap): string[] {
  return group.flatMap(({ unmapped }) =>
    unmapped?.mode === 'other-map' && unmapped.url ? [unmapped.url] : [],
  );
}

function codingOf(
  system: string | undefined,
  code: string,
  display: string | undefined,
  version: { version?: string },
): Coding {
  return {
    ...(system !== undefined && { system }),
    ...version,
    code,
    ...(display !== undefined && { display }),
  };
}
