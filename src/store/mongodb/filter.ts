import type { ClientSession, Filter } from 'mongodb';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { startingWith } from '../../fhir/search/code-points.ts';
import { readerTerm } from '../../fhir/search/entries.ts';
import type { Bounds, Query } from '../../fhir/search/query.ts';
import { bySelectivity } from '../selectivity.ts';
import type { Allowance } from '../store.ts';
import { bounds } from './bounds.ts';
import type { Collections } from './collections.ts';
import type { CurrentDocument } from './document.ts';

/** So many resources at most may match the inner side of a chain or `_has`: their ids travel in the next query. */
export const chainLimit = 20_000;

const nothing: Filter<CurrentDocument> = { _id: { $in: [] } };

/** What the inner searches of chains are made with. */
export interface Asking {
  collections: Collections;
  session: ClientSession | undefined;
  allowance: Allowance;
}

/**
 * Compiles a query to a filter on current documents of a type, deletions excluded. Chains and `_has` are searched
 * first, the inner side before the outer; throws `refusals.tooCostly` when an inner side matches too many.
 */
export async function filterOf(query: Query, type: string, asking: Asking): Promise<Filter<CurrentDocument>> {
  const filter = await compile(query, type, asking);
  return canMatchDeleted(query) ? { $and: [filter, { text: { $ne: null } }] } : filter;
}

async function compile(query: Query, type: string, asking: Asking): Promise<Filter<CurrentDocument>> {
  switch (query.kind) {
    case 'all':
      return {};
    case 'none':
      return nothing;
    case 'and': {
      const parts = await compileEach([...query.of].sort(bySelectivity), type, asking);
      return parts.length === 0 ? {} : { $and: parts };
    }
    case 'or':
      return anyOf(query.of, type, asking);
    case 'not':
      return { $nor: [await compile(query.of, type, asking)] };
    case 'id':
      return { _id: { $in: [...query.ids] } };
    case 'updated':
      return within('t', query.is);
    case 'term':
      return { s: query.term };
    case 'readers': {
      const [first, ...others] = query.labels.map(readerTerm);
      return { s: others.length > 0 ? { $in: [first!, ...others] } : first! };
    }
    case 'terms':
      return { s: { $elemMatch: { $gte: query.low, $lt: query.high } } };
    case 'contains':
      return containing(query);
    case 'word':
      return { w: query.word };
    case 'interval':
      return {
        d: { $elemMatch: { n: query.name, ...within('l', query.low), ...within('h', query.high) } },
      };
    case 'chain': {
      const prefix = `${query.name}|>${query.target}/`;
      const targets = await inner(query.filter, query.target, { _id: 1 }, asking);
      return { s: { $in: targets.map(({ _id }) => prefix + _id) } };
    }
    case 'has': {
      const { low, high } = startingWith(`${query.name}|>${type}/`);
      const onlyReferences = {
        $filter: { input: '$s', cond: { $and: [{ $gte: ['$$this', low] }, { $lt: ['$$this', high] }] } },
      };
      const sources = await inner(query.filter, query.source, { _id: 0, s: onlyReferences }, asking);
      const ids = new Set(sources.flatMap(({ s }) => s.map((term) => term.slice(low.length))));
      return { _id: { $in: [...ids] } };
    }
    default:
      throw new TypeError(`Unknown query ${query satisfies never}`);
  }
}

/** One after the other: a session takes one command at a time. */
async function compileEach(
  queries: readonly Query[],
  type: string,
  asking: Asking,
): Promise<Filter<CurrentDocument>[]> {
  const filters: Filter<CurrentDocument>[] = [];
  for (const query of queries) filters.push(await compile(query, type, asking));
  return filters;
}

/** Alternatives: plain terms are one condition, however many they are. */
async function anyOf(
  queries: readonly Query[],
  type: string,
  asking: Asking,
): Promise<Filter<CurrentDocument>> {
  const terms = queries.flatMap((query) => (query.kind === 'term' ? [query.term] : []));
  const others = await compileEach(
    queries.filter((query) => query.kind !== 'term'),
    type,
    asking,
  );
  const filters = terms.length > 0 ? [{ s: { $in: terms } }, ...others] : others;
  return filters.length === 0 ? nothing : filters.length === 1 ? filters[0]! : { $or: filters };
}

/** The resources that match the inner side of a chain. */
async function inner(
  query: Query,
  type: string,
  projection: object,
  asking: Asking,
): Promise<Pick<CurrentDocument, '_id' | 's'>[]> {
  const { collections, session, allowance } = asking;
  const filter = await filterOf(query, type, asking);
  const found = await collections
    .current(type)
    .find(filter, {
      projection,
      limit: chainLimit + 1,
      batchSize: chainLimit + 1,
      session,
      ...bounds(allowance),
    })
    .toArray();
  if (found.length > chainLimit) throw refuse(refusals.tooCostly, [`${type} > ${chainLimit}`]);
  return found;
}

function containing({ prefix, text }: { prefix: string; text: string }): Filter<CurrentDocument> {
  // A pattern cannot hold NUL, and no FHIR text may.
  if (`${prefix}${text}`.includes('\0')) return nothing;
  const { low, high } = startingWith(prefix);
  const pattern = `^${literally(prefix)}.*${literally(text)}`;
  return { s: { $elemMatch: { $gte: low, $lt: high, $regex: pattern, $options: 's' } } };
}

/** A pattern that matches this text and nothing else, in the syntax of PCRE. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The condition that a field is within bounds: none when nothing bounds it. */
function within(field: string, { gt, gte, lt, lte }: Bounds = {}): Filter<CurrentDocument> {
  const operators = {
    ...(gt !== undefined && { $gt: gt }),
    ...(gte !== undefined && { $gte: gte }),
    ...(lt !== undefined && { $lt: lt }),
    ...(lte !== undefined && { $lte: lte }),
  };
  return Object.keys(operators).length > 0 ? { [field]: operators } : {};
}

/** True of a query that a document without entries can match: only then deletions have to be excluded. */
function canMatchDeleted(query: Query): boolean {
  switch (query.kind) {
    case 'and':
      return query.of.every(canMatchDeleted);
    case 'or':
      return query.of.some(canMatchDeleted);
    case 'all':
    case 'not':
    case 'id':
    case 'updated':
    case 'has':
      return true;
    case 'none':
    case 'term':
    case 'readers':
    case 'terms':
    case 'contains':
    case 'word':
    case 'interval':
    case 'chain':
      return false;
    default:
      throw new TypeError(`Unknown query ${query satisfies never}`);
  }
}
