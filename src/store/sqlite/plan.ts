import type { Query } from '../../fhir/search/query.ts';
import { bySelectivity } from '../selectivity.ts';
import { isKey, type Known, termOf } from './condition.ts';
import { rows } from './rows.ts';
import type { Sql } from './sql.ts';

/** Where a search starts from; all other conditions are tested on each resource that it meets. */
export type Plan =
  /** Along one term, newest first. */
  | { kind: 'term'; term: string; others: readonly Query[] }
  /** Through these rows, which planning has found. */
  | { kind: 'found'; rows: readonly number[]; others: readonly Query[] }
  /** Through the rows that a condition gives. */
  | { kind: 'rows'; rows: Sql; others: readonly Query[] }
  /** Through all resources of the type, in the order wanted where they can be walked in it. */
  | { kind: 'walk'; others: readonly Query[] };

/** What planning asks the database. */
export interface Statistics extends Known {
  /** How many rows a `SELECT row …` gives, counted no further than to `most`. */
  count(select: Sql, most: number): number;
  /** The same, with the rows themselves. */
  find(select: Sql, most: number): { count: number; rows(): readonly number[] };
  /** About how many resources of the type there are. */
  size(type: string): number;
}

/** In which order matches are wanted, and how many. */
export interface Wanted {
  /** `newest`: newest first; `indexed`: another one of which there is an index; undefined: one that has to be sorted. */
  order: 'newest' | 'indexed' | undefined;
  limit: number;
}

/** So few rows that nothing can be gained by walking another way. */
const few = 64;
/** So few that testing them costs less than finding out whether another condition has fewer. */
const handful = 8;
/** Counting stops here when all matches have to be gathered anyway. */
const many = 4096;

/**
 * Plans a search by a filter. Conditions are counted in the indexes, as far as it matters for the choice, instead of
 * being guessed: the rarest is walked. When the newest `limit` are asked for, a frequent term is walked newest first
 * until enough are found, and when no term serves, all resources are: with m matches among n resources that takes
 * about limit · n / m steps, so it beats gathering all m once m exceeds √(limit · n).
 */
export function plan(statistics: Statistics, type: string, filter: Query, wanted: Wanted): Plan {
  const { order, limit } = wanted;
  const newestFirst = order === 'newest';
  const conditions = filter.kind === 'and' ? filter.of : [filter];
  const starts = startsOf(conditions);
  const terms = starts.filter((condition) => termOf(condition) !== undefined);
  if (newestFirst && starts.length === 1 && terms[0]) return alongTerm(terms[0], conditions);

  const select = (condition: Query) => rows(condition, type, statistics, chooseFrom(statistics));
  const rare = rarest(starts, select, find(statistics), few);
  if (rare && rare.count < few) return through(rare, conditions);
  if (newestFirst && terms.length > 0) return alongTerm([...terms].sort(bySelectivity)[0]!, conditions);
  const enough = order ? enoughToWalk(order, limit, statistics.size(type)) : many;
  const chosen = rarest(starts, select, count(statistics), enough);
  if (chosen && (!order || chosen.count < enough)) return through(chosen, conditions);
  return { kind: 'walk', others: conditions };
}

/**
 * Where the newest matches are looked for before anything is planned: among all, where only readers are asked for, else
 * along the term that is usually the rarest, where it is not the only start and a row's own entries tell the rest.
 */
export function planNewest(filter: Query): Plan | undefined {
  if (filter.kind === 'readers') return { kind: 'walk', others: [filter] };
  if (filter.kind !== 'and' || !filter.of.every(isToldByRow) || startsOf(filter.of).length < 2)
    return undefined;
  const [first] = filter.of.filter(isKey).sort(bySelectivity);
  return first && alongTerm(first, filter.of);
}

function isToldByRow({ kind }: Query): boolean {
  return kind === 'term' || kind === 'interval' || kind === 'readers' || kind === 'updated';
}

/**
 * From so many matches on, all resources are walked through in order instead of gathering the matches. Where the order is
 * not that of the writes, what matches can stand at its end altogether (a code that came into use lately, by date): it
 * is walked only where the steps in vain are at most eight for each match, or the matches many.
 */
function enoughToWalk(order: 'newest' | 'indexed', limit: number, size: number): number {
  const enough = Math.ceil(Math.sqrt(limit * size));
  return order === 'newest' ? enough : Math.max(enough, Math.min(Math.ceil(size / 8), many));
}

/** The conditions that a search may start from. */
function startsOf(conditions: readonly Query[]): readonly Query[] {
  const starts = conditions.filter(({ kind }) => kind !== 'readers');
  return starts.length > 0 ? starts : conditions;
}

/** Chooses the condition to walk by, for the inner sides of chains and for nested conjunctions. */
function chooseFrom(statistics: Statistics) {
  // Each level of a chain compiles the next one twice: without this, one ten deep counts a thousand times.
  const chosen = new Map<readonly Query[], Query | undefined>();
  return function choose(type: string, conditions: readonly Query[]): Query | undefined {
    if (chosen.has(conditions)) return chosen.get(conditions);
    const select = (condition: Query) => rows(condition, type, statistics, choose);
    const starts = startsOf(conditions);
    // One alone is walked, be it frequent or not: there is nothing to count.
    if (starts.length === 1) {
      const only = select(starts[0]!) && starts[0];
      chosen.set(conditions, only);
      return only;
    }
    const rare = rarest(starts, select, count(statistics), few);
    const best = rare && rare.count >= few ? rarest(starts, select, count(statistics), many) : rare;
    chosen.set(conditions, best?.condition);
    return best?.condition;
  };
}

interface Measured {
  /** No more than was asked for. */
  count: number;
  /** The rows, where they were found; all of them where they are fewer than was asked for. */
  found?(): readonly number[];
}

interface Choice extends Measured {
  condition: Query;
  rows: Sql;
}

/** Tells how many rows a `SELECT row …` of a condition gives, as far as to `most`. */
type Measure = (select: Sql, most: number, condition: Query) => Measured;

function count(statistics: Statistics): Measure {
  return (select, most) => ({ count: statistics.count(select, most) });
}

/** The rows themselves, so that what they took is not done again; what an index has in a row is read anyway. */
function find(statistics: Statistics): Measure {
  return (select, most, condition) => {
    if (condition.kind === 'interval' || termOf(condition) !== undefined)
      return { count: statistics.count(select, most) };
    const { count, rows } = statistics.find(select, most);
    return { count, found: rows };
  };
}

/** The condition with the fewest rows, of those that can be walked; among equals the usually rarer one. */
function rarest(
  conditions: readonly Query[],
  select: (condition: Query) => Sql | undefined,
  measure: Measure,
  most: number,
): Choice | undefined {
  let best: Choice | undefined;
  for (const condition of [...conditions].sort(bySelectivity)) {
    const rows = select(condition);
    if (!rows) continue;
    const measured = measure(rows, best?.count ?? most, condition);
    if (!best || measured.count < best.count) best = { condition, rows, ...measured };
    if (best.count < Math.min(handful, most)) break;
  }
  return best;
}

function alongTerm(driver: Query, conditions: readonly Query[]): Plan {
  return { kind: 'term', term: termOf(driver)!, others: conditions.filter((other) => other !== driver) };
}

function through({ condition, rows, found }: Choice, conditions: readonly Query[]): Plan {
  if (termOf(condition) !== undefined) return alongTerm(condition, conditions);
  const others = conditions.filter((other) => other !== condition);
  return found ? { kind: 'found', rows: [...new Set(found())], others } : { kind: 'rows', rows, others };
}
