import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Issue, Text } from '../../fhir/outcome.ts';
import type { Change, Finding, Guard } from '../guard.ts';
import { fingerprint, type SearchParameterDefinition } from './definition.ts';
import type { Outlook, ParameterChanges } from './outlook.ts';
import { pathOf, type Standing, type StoredParameter } from './standing.ts';
import { mostStored } from './stored-parameters.ts';

/** What a SearchParameter is judged by. */
export interface SearchParameterGuardParts {
  definitions: Definitions;
  /** What becomes of the stored ones, and what would if these changes were made. */
  outlook(changes: ParameterChanges): Outlook;
}

/**
 * The guard of SearchParameters: an active one is to be searched by, so it must be one that resources can be indexed by
 * (http://hl7.org/fhir/R4/searchparameter.html), else it is refused with 422. One whose name or URL is another's is
 * kept, and the answer says what becomes of either; so it does of a composite whose part a change takes away.
 */
export function createSearchParameterGuard(parts: SearchParameterGuardParts): Guard {
  return async ({ changes, now }) => {
    const findings = changes.some(({ type }) => type === 'SearchParameter')
      ? findingsOn(changes, now, parts)
      : [];
    return { findings, keep: [] };
  };
}

function findingsOn(changes: readonly Change[], now: number, parts: SearchParameterGuardParts): Finding[] {
  const { definitions } = parts;
  const removed = new Set<string>();
  const stored: Omit<StoredParameter, 'since'>[] = [];
  const places = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [change, { type, id, resource }] of changes.entries()) {
    if (type !== 'SearchParameter') continue;
    removed.add(id);
    places.set(`SearchParameter/${id}`, change);
    if (resource?.status !== 'active') continue;
    const definition = resource as SearchParameterDefinition;
    const issue = problemOf(definition, definitions);
    if (issue) findings.push({ ...issue, change });
    // The later ones of a request are stored later.
    else if (!definitions.find('SearchParameter', definition.url))
      stored.push({ id, updated: now + change / changes.length, definition });
  }
  const { before, after } = parts.outlook({ removed, stored });
  if (after.length > mostStored && after.length > before.length) return [...findings, tooMany(places)];
  return [...findings, ...findingsOnStandings(before, after, changes, places)];
}

/** What is wrong with a definition whatever else is stored. */
function problemOf(definition: SearchParameterDefinition, definitions: Definitions): Issue | undefined {
  const known = definitions.find('SearchParameter', definition.url);
  if (known && fingerprint(known) !== fingerprint(definition))
    return problem('url', 'business-rule', {
      zh: `服务器已定义 ${definition.url}`,
      en: `${definition.url} is defined by the server`,
    });
  if (!known && definition.code.startsWith('_'))
    return problem('code', 'business-rule', {
      zh: '以 _ 开头的名称保留给 FHIR',
      en: 'names that start with _ are reserved by FHIR',
    });
  return undefined;
}

/** What becomes of those that are sent, and of others because of them. */
function findingsOnStandings(
  before: readonly Standing[],
  after: readonly Standing[],
  changes: readonly Change[],
  places: ReadonlyMap<string, number>,
): Finding[] {
  const saidBefore = new Set(before.flatMap(({ stored, remarks }) => remarks.map(keyOf(stored))));
  return after.flatMap((standing): Finding[] => {
    const { stored, remarks, unusable } = standing;
    const path = pathOf(stored);
    const change = places.get(path);
    const isReplaced = after.some(({ stored: other }) => other !== stored && sameUrl(other, stored));
    if (change !== undefined && unusable && !isReplaced)
      return [
        {
          ...problem(undefined, 'invalid', {
            zh: `无法按此查询:${unusable.zh}`,
            en: `it cannot be searched by: ${unusable.en}`,
          }),
          change,
        },
      ];
    if (change !== undefined) return remarks.map((remark) => ({ ...note(remark), change }));
    return remarks
      .filter((remark) => remark.severity === 'warning' && !saidBefore.has(keyOf(stored)(remark)))
      .map((remark) => ({
        ...note({
          ...remark,
          text: { zh: `${path}:${remark.text.zh}`, en: `${path}: ${remark.text.en}` },
        }),
        change: causing(remark.cause, changes, places),
      }));
  });
}

/** The change that a remark about another SearchParameter is due to. */
function causing(cause: string, changes: readonly Change[], places: ReadonlyMap<string, number>): number {
  const byPath = places.get(cause);
  if (byPath !== undefined) return byPath;
  const concerned = [...places.values()];
  return (
    concerned.find((at) => changes[at]!.resource?.url === cause || changes[at]!.previous?.url === cause) ??
    concerned[0]!
  );
}

function sameUrl(one: StoredParameter, other: StoredParameter): boolean {
  return one.definition.url === other.definition.url;
}

function keyOf(stored: StoredParameter): (remark: { text: Text }) => string {
  return ({ text }) => `${pathOf(stored)} ${text.en}`;
}

function note({ severity, text }: Pick<Issue, 'severity' | 'text'>): Issue {
  const code = severity === 'information' ? 'informational' : 'business-rule';
  return { severity, code, text, expression: ['SearchParameter'] };
}

function tooMany(places: ReadonlyMap<string, number>): Finding {
  const text = {
    zh: `生效状态(active)的 SearchParameter 最多 ${mostStored} 个`,
    en: `there can be ${mostStored} active SearchParameters at most`,
  };
  return { ...problem('status', 'too-costly', text), change: [...places.values()].at(-1)! };
}

function problem(member: string | undefined, code: Issue['code'], text: Text): Issue {
  const expression = [member ? `SearchParameter.${member}` : 'SearchParameter'];
  return { severity: 'error', code, text, expression };
}
