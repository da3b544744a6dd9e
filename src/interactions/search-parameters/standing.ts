import type { Issue, Text } from '../../fhir/outcome.ts';
import {
  type Definition,
  readsTheSame,
  type SearchParameters,
  UnusableDefinition,
} from '../../fhir/search/parameters.ts';
import { basesOf, type SearchParameterDefinition } from './definition.ts';

/** An active SearchParameter that a client has stored. */
export interface StoredParameter {
  id: string;
  /** When one was first stored under this id, and when this one was, in milliseconds since the epoch. */
  since: number;
  updated: number;
  definition: SearchParameterDefinition;
}

/** What is to be said of one, and by the URL or path of which other one. */
export interface StandingRemark extends Pick<Issue, 'severity' | 'text'> {
  cause: string;
}

/** What becomes of a stored SearchParameter. */
export interface Standing {
  stored: StoredParameter;
  /** The definition, with the bases on which it is in force; undefined when there are none. */
  inForce: SearchParameterDefinition | undefined;
  remarks: readonly StandingRemark[];
  /** Why it cannot be searched by, whatever its name; where its name finds nothing else either, this is said. */
  unusable: Text | undefined;
}

/** All stored SearchParameters, and the parameters that are in force with them. */
export interface Standings {
  parameters: SearchParameters;
  all: readonly Standing[];
}

/** The most that can be in force: each is evaluated on every write of its types. */
export const mostInForce = 200;

/** So many types are named in a remark. */
const mostNamed = 5;

/**
 * Decides which stored SearchParameters are in force beside those that came with the server:
 * - of several with one URL the one stored last; it replaces the others;
 * - on a type where the name is another's already, that one: those that came with the server, then those that were
 *   stored first. Where it means the same, it serves (see `means`); else the later one has no effect there;
 * - a composite, only while all its parts are there, whether these are in force or not.
 *
 * The same for every server on a database, and after every start.
 */
export function assignStandings(came: SearchParameters, stored: readonly StoredParameter[]): Standings {
  let parameters = came;
  let count = 0;
  const all = new Map<StoredParameter, Standing>();
  const admit = (each: StoredParameter) => {
    const standing = standingOf(parameters, each, count < mostInForce);
    parameters = parameters.with({ ...each.definition, base: standing.inForce?.base ?? [] });
    if (standing.inForce) count++;
    all.set(each, standing);
  };

  const latest = latestOfUrls(stored);
  const waiting: StoredParameter[] = [];
  for (const each of [...latest.values()].sort(byAge)) {
    try {
      admit(each);
    } catch (error) {
      // The part of a composite may have been stored after it.
      if (!(error instanceof UnusableDefinition)) throw error;
      waiting.push(each);
    }
  }
  for (const each of waiting) {
    try {
      admit(each);
    } catch (error) {
      if (!(error instanceof UnusableDefinition)) throw error;
      all.set(each, without(each, error.text, error.missing ?? each.definition.url));
    }
  }
  for (const each of stored) {
    const other = latest.get(each.definition.url)!;
    if (other !== each) all.set(each, without(each, replacedBy(other), pathOf(other)));
  }
  return { parameters, all: stored.map((each) => all.get(each)!) };
}

/** `SearchParameter/id`. */
export function pathOf({ id }: StoredParameter): string {
  return `SearchParameter/${id}`;
}

/** Throws an UnusableDefinition when it cannot be searched by. */
function standingOf(parameters: SearchParameters, stored: StoredParameter, hasRoom: boolean): Standing {
  const { definition } = stored;
  const { code } = definition;
  const types = basesOf(definition, parameters.resourceTypes);
  if (types.length === 0)
    throw new UnusableDefinition({
      zh: 'base 中没有资源类型',
      en: 'there is no type of resource among its bases',
    });
  const holders = Map.groupBy(types, (type) => parameters.definitionOf(type, code));
  const free = holders.get(undefined) ?? [];
  holders.delete(undefined);
  const remarks = [...holders].map(([holder, held]) => remarkOn(definition, holder!, held));
  const inForce = free.length === types.length ? definition : { ...definition, base: free };
  if (free.length === 0) return { stored, inForce: undefined, remarks, unusable: undefined };
  // Whether it can be compiled is to be known, even if there is no room for it.
  parameters.with(inForce);
  if (hasRoom) return { stored, inForce, remarks, unusable: undefined };
  return without(
    stored,
    {
      zh: `已有 ${mostInForce} 个查询参数生效,不能再多`,
      en: `${mostInForce} search parameters are in force already, which is the most`,
    },
    definition.url,
  );
}

function remarkOn(
  definition: SearchParameterDefinition,
  holder: Definition,
  types: readonly string[],
): StandingRemark {
  const { code } = definition;
  const names = types.length > mostNamed ? [...types.slice(0, mostNamed), '…'] : types;
  const where = { zh: names.join('、'), en: names.join(', ') };
  if (means(definition, holder, types))
    return {
      severity: 'information',
      text: {
        zh: `${where.zh} 按 ${holder.url} 的 ${code} 检索,含义相同`,
        en: `${where.en}: searched by ${code} of ${holder.url}, which means the same`,
      },
      cause: holder.url,
    };
  return {
    severity: 'warning',
    text: {
      zh: `${where.zh} 的参数名 ${code} 已由 ${holder.url} 使用,含义不同:本参数在此不生效`,
      en: `${where.en}: the name ${code} is that of ${holder.url}, which means something else; this one has no effect there`,
    },
    cause: holder.url,
  };
}

/**
 * Whether one parameter finds what another is to find: both read the same, or it says that it is derived from that one:
 * "the parameter should have the same meaning, and (usually) the functionality should be a proper subset of the underlying
 * search parameter" (http://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.derivedFrom).
 */
function means(definition: SearchParameterDefinition, holder: Definition, types: readonly string[]): boolean {
  const { derivedFrom, type } = definition;
  const isDerived = typeof derivedFrom === 'string' && derivedFrom.split('|', 1)[0] === holder.url;
  return (
    (isDerived && type === holder.type) ||
    types.every((each) => readsTheSame(definition as Definition, holder, each))
  );
}

function without(stored: StoredParameter, text: Text, cause: string): Standing {
  return { stored, inForce: undefined, remarks: [{ severity: 'warning', text, cause }], unusable: text };
}

function replacedBy(other: StoredParameter): Text {
  return {
    zh: `已被后存的 ${pathOf(other)} 取代,两者 url 相同(${other.definition.url})`,
    en: `it is replaced by ${pathOf(other)}, which was stored later under the same url (${other.definition.url})`,
  };
}

/** For each URL the parameter that was stored last; at the same instant, the one of the later id. */
function latestOfUrls(stored: readonly StoredParameter[]): Map<string, StoredParameter> {
  const latest = new Map<string, StoredParameter>();
  for (const each of stored) {
    const other = latest.get(each.definition.url);
    if (!other || each.updated > other.updated || (each.updated === other.updated && each.id > other.id))
      latest.set(each.definition.url, each);
  }
  return latest;
}

function byAge(a: StoredParameter, b: StoredParameter): number {
  return a.since - b.since || (a.id < b.id ? -1 : 1);
}
