import { readerTerm } from '../../fhir/search/entries.ts';
import type { Query } from '../../fhir/search/query.ts';
import {
  candidate,
  condition,
  contains,
  isKey,
  type Known,
  lengthOf,
  oneOf,
  quoted,
  sees,
  startsWith,
  termsOf,
  within,
} from './condition.ts';
import { table } from './schema.ts';
import { foldedOf, isSettledByRow } from './settled-terms.ts';
import { join, literal, type Sql, sql } from './sql.ts';

/** Chooses, among conditions that all must hold, the one whose rows are to be walked; undefined: none of them can. */
export type Choose = (type: string, queries: readonly Query[]) => Query | undefined;

/** In time, asked for one row in 64: of an index alone so many are read in microseconds, and asking costs as much as they. */
export const nowAndThen = literal('(row & 63 OR in_time())');

/**
 * Compiles a query to `SELECT row …`: the rows of all resources that match it, walked along an index. A row can come
 * more than once. Undefined when only a walk through all resources of the type finds them.
 */
export function rows(query: Query, type: string, known: Known, choose: Choose): Sql | undefined {
  switch (query.kind) {
    case 'all':
    case 'not':
      return undefined;
    case 'none':
      return literal('SELECT NULL AS row WHERE 0');
    case 'and':
      return rowsOfAll(query.of, type, known, choose);
    case 'or':
      return rowsOfAny(query.of, type, known, choose);
    case 'id':
      return sql`SELECT row FROM ${table(type)} WHERE id IN ${oneOf(query.ids)}`;
    case 'updated':
      return sql`SELECT row FROM ${table(type)} WHERE in_time() AND ${within(literal('updated'), query.is)}`;
    case 'term':
      if (isSettledByRow(query.term)) return rowsOfExact(query.term, type);
      return sql`SELECT row FROM ${table(type, 'terms')} WHERE term = ${query.term}`;
    case 'readers':
      return rowsOfAny(
        query.labels.map((label) => ({ kind: 'term', term: readerTerm(label) })),
        type,
        known,
        choose,
      );
    case 'terms':
      return sql`SELECT row FROM ${table(type, 'terms')} WHERE ${nowAndThen} AND term >= ${query.low} AND term < ${query.high}`;
    case 'contains':
      return sql`SELECT row FROM ${table(type, 'terms')} WHERE in_time() AND ${contains(literal('term'), query)}`;
    case 'word':
      return sql`SELECT rowid AS row FROM ${table(type, 'words')} WHERE in_time() AND ${table(type, 'words')} MATCH ${quoted(query.word)}`;
    case 'interval':
      return sql`SELECT row FROM ${table(type, 'intervals')} WHERE ${nowAndThen} AND name = ${query.name}
        AND ${within(literal('low'), query.low)} AND ${within(literal('high'), query.high)}`;
    case 'chain': {
      if (!known.hasType(query.target)) return literal('SELECT NULL AS row WHERE 0');
      return sql`SELECT t.row FROM ${matching(query.filter, query.target, known, choose)} o
        CROSS JOIN ${table(type, 'terms')} t ON t.term = ${`${query.name}|>${query.target}/`} || o.id AND in_time(t.row)`;
    }
    case 'has': {
      if (!known.hasType(query.source)) return literal('SELECT NULL AS row WHERE 0');
      const prefix = `${query.name}|>${type}/`;
      return sql`SELECT r.row FROM ${matching(query.filter, query.source, known, choose)} o
        CROSS JOIN json_each(o.terms) e CROSS JOIN ${table(type)} r
        ON in_time(e.key) AND ${startsWith(literal('e.value'), prefix)} AND r.id = substr(e.value, ${lengthOf(prefix) + 1})`;
    }
    default:
      throw new TypeError(`Unknown query ${query satisfies never}`);
  }
}

/** `(SELECT …)` of the current resources that match: the inner side of a chain, from which it is walked. */
function matching(query: Query, type: string, known: Known, choose: Choose): Sql {
  const found = rows(query, type, known, choose);
  const each = candidate(type, 'x');
  return found
    ? sql`(SELECT x.id, x.terms FROM ${once(found, query)} c CROSS JOIN ${table(type)} x
        ON x.row = c.row AND x.text IS NOT NULL AND in_time())`
    : sql`(SELECT x.id, x.terms FROM ${table(type)} x NOT INDEXED
        WHERE in_time() AND x.text IS NOT NULL AND ${condition(query, each, known)})`;
}

/**
 * `(SELECT row …)` with each row once. Rows that come by way of others come as often as there are ways: through two
 * levels of a patient with 2,000 resources four million times.
 */
function once(found: Sql, { kind }: Query): Sql {
  // Of conditions that all must hold, one is walked, each of its rows once.
  return kind === 'term' || kind === 'id' || kind === 'and'
    ? sql`(${found})`
    : sql`(SELECT DISTINCT row FROM (${found}))`;
}

function rowsOfAll(queries: readonly Query[], type: string, known: Known, choose: Choose): Sql | undefined {
  const driver = choose(type, queries);
  const found = driver && rows(driver, type, known, choose);
  if (!found) return undefined;
  const beside = queries.filter((query) => query !== driver);
  if (isKey(driver) && beside.every(isInIndex)) return rowsOfTerms(type, driver.term, beside, known);
  const others: Query = { kind: 'and', of: beside };
  const each = candidate(type, 'a');
  return sql`SELECT a.row FROM ${once(found, driver)} d CROSS JOIN ${table(type)} a
    ON a.row = d.row WHERE in_time() AND ${condition(others, each, known)}`;
}

/** The rows that have a string exactly: those that have it folded, of which the row tells; and what the index has after all. */
function rowsOfExact(term: string, type: string): Sql {
  const terms = table(type, 'terms');
  return sql`SELECT row FROM ${terms} WHERE term = ${term}
    UNION SELECT e.row FROM ${terms} e CROSS JOIN ${table(type)} x ON x.row = e.row
    WHERE e.term = ${foldedOf(term)} AND in_time() AND EXISTS (SELECT 1 FROM json_each(x.terms) WHERE value = ${term})`;
}

/** A condition that the index of terms tells by itself. */
export type InIndex = Query & { kind: 'term' | 'readers' };

export function isInIndex(query: Query): query is InIndex {
  return isKey(query) || query.kind === 'readers';
}

/** The rows that have a term and meet the other conditions: the index alone tells. */
export function rowsOfTerms(type: string, first: string, others: readonly InIndex[], known: Known): Sql {
  const terms = table(type, 'terms');
  const also = others.map((other) =>
    other.kind === 'readers'
      ? sees(other, literal('d.audience'), known)
      : sql`+EXISTS (SELECT 1 FROM ${terms} WHERE term = ${other.term} AND updated = d.updated AND row = d.row)`,
  );
  const time = others.some(({ kind }) => kind === 'readers') ? nowAndThen : literal('in_time()');
  const conditions = [time, sql`d.term = ${first}`, ...also];
  return sql`SELECT d.row FROM ${terms} d WHERE ${join(conditions, 'AND')}`;
}

function rowsOfAny(queries: readonly Query[], type: string, known: Known, choose: Choose): Sql | undefined {
  const terms = termsOf(queries);
  const found = queries.filter((query) => !isKey(query)).map((query) => rows(query, type, known, choose));
  if (terms.length > 0)
    found.push(sql`SELECT row FROM ${table(type, 'terms')} WHERE ${nowAndThen} AND term IN ${oneOf(terms)}`);
  return union(found);
}

/**
 * The rows of all the selects. Nested in groups: SQLite bounds the number of terms of a compound select
 * (https://sqlite.org/limits.html#max_compound_select).
 */
function union(selects: readonly (Sql | undefined)[]): Sql | undefined {
  if (selects.some((select) => select === undefined)) return undefined;
  const whole = selects as readonly Sql[];
  if (whole.length === 0) return literal('SELECT NULL AS row WHERE 0');
  if (whole.length === 1) return whole[0];
  const middle = whole.length >> 1;
  return sql`SELECT row FROM (${union(whole.slice(0, middle))!}) UNION ALL
    SELECT row FROM (${union(whole.slice(middle))!})`;
}
