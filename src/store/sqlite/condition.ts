import { startingWith } from '../../fhir/search/code-points.ts';
import { readerTerm } from '../../fhir/search/entries.ts';
import type { Bounds, Query } from '../../fhir/search/query.ts';
import type { Leave } from './audiences.ts';
import { table } from './schema.ts';
import { isSettledByRow } from './settled-terms.ts';
import { join, literal, type Sql, sql } from './sql.ts';

/** What a condition speaks of: the row of one resource, by the names that it has in the statement around. */
export interface Candidate {
  type: string;
  /** Alias of the resource's row in the table of current versions. */
  alias: string;
  /** Where its row number, `updated` and audience are read: from an index, where a statement walks one, else from the row. */
  row: Sql;
  updated: Sql;
  audience: Sql;
}

/** The candidate that is a row of the table of current versions. */
export function candidate(type: string, alias: string): Candidate {
  const [row, updated, audience] = ['row', 'updated', 'audience'].map((name) => literal(`${alias}.${name}`));
  return { type, alias, row: row!, updated: updated!, audience: audience! };
}

/** What compiling needs to know of the database. */
export interface Known {
  hasType(type: string): boolean;
  /** What a set of labels gives leave to read. */
  leave(labels: readonly string[]): Pick<Leave, 'number' | 'upTo'>;
}

/**
 * A test by a subquery. Without the plus SQLite makes each one a join, and plans the order of all of them: for a search
 * with a hundred conditions that takes a quarter of a second.
 */
const exists = literal('+EXISTS');

/**
 * Compiles a query to a condition that tests one candidate: by the keys of indexes where the candidate completes a
 * key, else by the entries kept in its row, so that the cost of a test does not grow with the tables.
 */
export function condition(query: Query, of: Candidate, known: Known): Sql {
  const column = (name: string) => literal(`${of.alias}.${name}`);
  switch (query.kind) {
    case 'all':
      return literal('1');
    case 'none':
      return literal('0');
    case 'and':
      return join(
        query.of.map((part) => condition(part, of, known)),
        'AND',
      );
    case 'or':
      return anyOf(query.of, of, known);
    case 'not':
      // What is of no audience is unknown to be seen.
      return sql`(${condition(query.of, of, known)}) IS NOT TRUE`;
    case 'id':
      return sql`${column('id')} IN ${oneOf(query.ids)}`;
    case 'updated':
      return within(of.updated, query.is);
    case 'term':
      if (isSettledByRow(query.term))
        return sql`${exists} (SELECT 1 FROM json_each(${column('terms')}) WHERE value = ${query.term})`;
      return sql`${exists} (SELECT 1 FROM ${table(of.type, 'terms')}
        WHERE term = ${query.term} AND updated = ${of.updated} AND row = ${of.row})`;
    case 'readers':
      return sees(query, of.audience, known);
    case 'terms':
      return sql`${exists} (SELECT 1 FROM json_each(${column('terms')})
        WHERE value >= ${query.low} AND value < ${query.high})`;
    case 'contains':
      return sql`${exists} (SELECT 1 FROM json_each(${column('terms')}) WHERE ${contains(literal('value'), query)})`;
    case 'word':
      return sql`${exists} (SELECT 1 FROM ${table(of.type, 'words')}
        WHERE ${table(of.type, 'words')} MATCH ${quoted(query.word)} AND rowid = ${of.row})`;
    case 'interval':
      return hasInterval(query, column('intervals'));
    case 'chain': {
      if (!known.hasType(query.target)) return literal('0');
      const target = candidate(query.target, `${of.alias}c`);
      const entry = `${of.alias}e`;
      const prefix = `${query.name}|>${query.target}/`;
      return sql`${exists} (SELECT 1 FROM json_each(${column('terms')}) ${literal(entry)}
        CROSS JOIN ${table(query.target)} ${literal(target.alias)}
        WHERE in_time() AND ${startsWith(literal(`${entry}.value`), prefix)}
          AND ${literal(target.alias)}.id = substr(${literal(entry)}.value, ${lengthOf(prefix) + 1})
          AND ${literal(target.alias)}.text IS NOT NULL AND ${condition(query.filter, target, known)})`;
    }
    case 'has': {
      if (!known.hasType(query.source)) return literal('0');
      const source = candidate(query.source, `${of.alias}h`);
      const entry = literal(`${of.alias}e`);
      return sql`${exists} (SELECT 1 FROM ${table(query.source, 'terms')} ${entry}
        CROSS JOIN ${table(query.source)} ${literal(source.alias)} ON ${source.row} = ${entry}.row
        WHERE in_time() AND ${entry}.term = ${`${query.name}|>${of.type}/`} || ${column('id')}
          AND ${condition(query.filter, source, known)})`;
    }
    default:
      throw new TypeError(`Unknown query ${query satisfies never}`);
  }
}

/**
 * Whether there is an interval within bounds among those of a row, `[["name",low,high],…]`. The first of the name, which
 * mostly is the only one, is read from the text: taking all apart costs more than the rest of testing a row.
 */
function hasInterval({ name, low, high }: Query & { kind: 'interval' }, intervals: Sql): Sql {
  const begin = `[${JSON.stringify(name)},`;
  const first = sql`substr(${intervals}, instr(${intervals}, ${begin}) + ${lengthOf(begin)})`;
  const [firstLow, firstHigh] = [first, sql`substr(${first}, instr(${first}, ',') + 1)`].map(
    (text) => sql`CAST(${text} AS REAL)`,
  );
  return sql`(instr(${intervals}, ${begin}) AND (${within(firstLow!, low)} AND ${within(firstHigh!, high)}
    OR instr(${first}, ${begin}) AND ${exists} (SELECT 1 FROM json_each(${intervals})
      WHERE value ->> 0 = ${name} AND ${within(literal('value ->> 1'), low)}
        AND ${within(literal('value ->> 2'), high)})))`;
}

/** Alternatives: plain terms are one condition however many they are. */
function anyOf(queries: readonly Query[], of: Candidate, known: Known): Sql {
  const terms = termsOf(queries);
  const others = queries.filter((query) => !isKey(query)).map((query) => condition(query, of, known));
  if (terms.length === 0) return join(others, 'OR');
  const hasTerm = sql`${exists} (SELECT 1 FROM ${table(of.type, 'terms')}
    WHERE term IN ${oneOf(terms)} AND updated = ${of.updated} AND row = ${of.row})`;
  return join([hasTerm, ...others], 'OR');
}

/** The condition that one of the readers is in an audience. */
export function sees({ labels }: Query & { kind: 'readers' }, audience: Sql, known: Known): Sql {
  const { number, upTo } = known.leave(labels);
  return sql`(${audience} <= ${upTo} OR sees(${number}, ${audience}))`;
}

/** Whether a query is a term that the index has wherever a row has it. */
export function isKey(query: Query): query is Query & { kind: 'term' } {
  return query.kind === 'term' && !isSettledByRow(query.term);
}

/** The term that finds all that a query does, where one does. */
export function termOf(query: Query): string | undefined {
  if (isKey(query)) return query.term;
  return query.kind === 'readers' && query.labels.length === 1 ? readerTerm(query.labels[0]!) : undefined;
}

/** The terms among the queries that the index has. */
export function termsOf(queries: readonly Query[]): string[] {
  return queries.flatMap((query) => (isKey(query) ? [query.term] : []));
}

/** The operand of IN for any number of texts, bound as one value. */
export function oneOf(texts: readonly string[]): Sql {
  return sql`(SELECT value FROM json_each(${JSON.stringify(texts.map((text) => text.toWellFormed()))}))`;
}

/** The condition that a value is within bounds. */
export function within(value: Sql, bounds: Bounds = {}): Sql {
  const { gt, gte, lt, lte } = bounds;
  const conditions: Sql[] = [];
  if (gt !== undefined) conditions.push(sql`${value} > ${gt}`);
  if (gte !== undefined) conditions.push(sql`${value} >= ${gte}`);
  if (lt !== undefined) conditions.push(sql`${value} < ${lt}`);
  if (lte !== undefined) conditions.push(sql`${value} <= ${lte}`);
  return join(conditions, 'AND');
}

/** The condition that a text starts with a prefix, as a range, which an index can serve. */
export function startsWith(value: Sql, prefix: string): Sql {
  const { low, high } = startingWith(prefix);
  return sql`${value} >= ${low} AND ${value} < ${high}`;
}

/** The condition that a text starts with a prefix and contains another text after it. */
export function contains(value: Sql, { prefix, text }: { prefix: string; text: string }): Sql {
  return sql`${startsWith(value, prefix)} AND instr(substr(${value}, ${lengthOf(prefix) + 1}), ${text}) > 0`;
}

/** The length of a text as SQLite counts: in code points. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** A word as an expression of the full-text index (https://sqlite.org/fts5.html#fts5_strings). */
export function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}
