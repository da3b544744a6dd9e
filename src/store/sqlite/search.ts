import type { Position } from '../../fhir/search/order.ts';
import { newestFirst } from '../../fhir/search/order.ts';
import type { Query, Sort } from '../../fhir/search/query.ts';
import { exceeding } from '../page-bytes.ts';
import { bySelectivity } from '../selectivity.ts';
import type { Match, SearchRequest } from '../store.ts';
import { type Candidate, candidate, condition, termsOf } from './condition.ts';
import type { Connection, Row } from './connection.ts';
import { type Plan, plan, type Statistics } from './plan.ts';
import { rowsOfTerms } from './rows.ts';
import { table } from './schema.ts';
import { join, list, literal, type Sql, sql } from './sql.ts';
import { versionOf } from './versions.ts';

/** The rows that a search finds, in the order asked for: plain data, of which `matchesOf` makes matches. */
export function searchRows(connection: Connection, request: SearchRequest): Row[] {
  if (!connection.types.has(request.type) || request.filter.kind === 'none') return [];
  const statement = searchStatement(connection, request);
  if (request.bytes === undefined) return connection.all(statement);
  const exceeds = exceeding(request.bytes);
  return connection.until(statement, ({ text }) => exceeds(text as string));
}

/** The matches that the rows of a search are. */
export function matchesOf({ type, sort }: SearchRequest, rows: readonly Row[]): Match[] {
  const values = sort.length > 0 ? sort.length : newestFirst.length;
  return rows.map((row) => matchOf(type, row, values));
}

/** The statement that a search runs. */
export function searchStatement(
  connection: Connection,
  { type, filter, sort, after, limit }: SearchRequest,
): Sql {
  const keys = sort.length > 0 ? sort : newestFirst;
  const isNewestFirst = keys[0]!.key === '_lastUpdated' && keys[0]!.descending;
  const { from, of, conditions } = source(connection, type, filter, { newestFirst: isNewestFirst, limit });
  const values = keys.map((key) => sortValue(key, of));
  if (after) conditions.push(isAfter(after, keys, values));
  const order = keys.map(({ descending }, n) =>
    literal(`${ordinal(values, n)} ${descending ? 'DESC' : 'ASC'}`),
  );
  return sql`
    SELECT m.id, m.version, m.updated, m.method, m.text, m.access, m.terms, ${list(
      values.map((value, n) => sql`${value} AS ${literal(`value${n}`)}`),
    )}
    FROM ${from} WHERE ${join(conditions, 'AND')}
    ORDER BY ${list([...order, literal('m.id')])} LIMIT ${limit}`;
}

/** How many current resources match. */
export function count(connection: Connection, type: string, filter: Query): number {
  if (!connection.types.has(type) || filter.kind === 'none') return 0;
  return connection.get(countStatement(connection, type, filter))!.n as number;
}

/** The statement that a count runs. Deletions have no entries, so terms alone are counted in their index. */
function countStatement(connection: Connection, type: string, filter: Query): Sql {
  if (filter.kind === 'term')
    return sql`SELECT count(*) AS n FROM ${table(type, 'terms')} WHERE in_time() AND term = ${filter.term}`;
  if (filter.kind === 'and' && filter.of.length > 0 && filter.of.every(({ kind }) => kind === 'term')) {
    const [first, ...others] = termsOf([...filter.of].sort(bySelectivity));
    return sql`SELECT count(*) AS n FROM (${rowsOfTerms(type, first!, others)})`;
  }
  if (filter.kind === 'all')
    return sql`SELECT (SELECT count(*) FROM ${table(type)})
      - (SELECT count(*) FROM ${table(type)} WHERE text IS NULL) AS n`;
  const { from, conditions } = source(connection, type, filter, { newestFirst: false, limit: 0 });
  return sql`SELECT count(*) AS n FROM ${from} WHERE ${join(conditions, 'AND')}`;
}

interface Source {
  from: Sql;
  of: Candidate;
  conditions: Sql[];
}

/** The FROM clause of a planned search, and what is left to be tested on each row. CROSS JOIN fixes the order. */
function source(
  connection: Connection,
  type: string,
  filter: Query,
  wanted: { newestFirst: boolean; limit: number },
): Source {
  const statistics = statisticsOf(connection);
  const planned = plan(statistics, type, filter, wanted);
  const of = candidateOf(planned, type);
  const current = table(type);
  const conditions = [
    literal('in_time()'),
    ...planned.others.map((query) => condition(query, of, statistics)),
    literal('m.text IS NOT NULL'),
  ];
  switch (planned.kind) {
    case 'term': {
      const from = sql`${table(type, 'terms')} d CROSS JOIN ${current} m ON m.row = d.row`;
      conditions.unshift(sql`d.term = ${planned.term}`);
      return { from, of, conditions };
    }
    case 'rows': {
      const from = sql`(SELECT DISTINCT row FROM (${planned.rows})) d CROSS JOIN ${current} m ON m.row = d.row`;
      return { from, of, conditions };
    }
    case 'walk':
      return { from: sql`${current} m`, of, conditions };
    default:
      throw new TypeError(`Unknown plan ${planned satisfies never}`);
  }
}

function candidateOf(planned: Plan, type: string): Candidate {
  const row = candidate(type, 'm');
  return planned.kind === 'term' ? { ...row, row: literal('d.row'), updated: literal('d.updated') } : row;
}

function statisticsOf(connection: Connection): Statistics {
  return {
    hasType: (type) => connection.types.has(type),
    count: (select, most) =>
      connection.get(sql`SELECT count(*) AS n FROM (${select} LIMIT ${most})`)!.n as number,
    size: (type) => (connection.get(sql`SELECT max(row) AS n FROM ${table(type)}`)!.n as number | null) ?? 0,
  };
}

/** The value of a sort key; parameters are read from the row's own entries. */
function sortValue({ key, descending }: Sort, of: Candidate): Sql {
  if (key === '_lastUpdated') return of.updated;
  if (key === '_id') return literal('m.id');
  return sql`json_extract(m.sort, ${`$.${JSON.stringify(key)}.${descending ? 'high' : 'low'}`})`;
}

/** How ORDER BY names a value: an indexed column by itself, so that the index's order is seen, others by alias. */
function ordinal(values: readonly Sql[], n: number): string {
  const value = values[n]!;
  return value.values.length === 0 ? value.text : `value${n}`;
}

/** The condition that a row stands after a position. SQLite orders NULL before everything else, as the port does. */
function isAfter({ values, id }: Position, keys: readonly Sort[], columns: readonly Sql[], n = 0): Sql {
  const column = columns[n];
  if (column === undefined) return sql`m.id > ${id}`;
  const value = values[n] ?? null;
  const rest = isAfter({ values, id }, keys, columns, n + 1);
  if (keys[n]!.key === '_lastUpdated') {
    const operator = literal(keys[n]!.descending ? '<' : '>');
    return sql`(${column} ${operator}= ${value} AND (${column} ${operator} ${value} OR ${rest}))`;
  }
  if (keys[n]!.descending) {
    if (value === null) return sql`(${column} IS NULL AND ${rest})`;
    return sql`(${column} < ${value} OR ${column} IS NULL OR (${column} = ${value} AND ${rest}))`;
  }
  if (value === null) return sql`(${column} IS NOT NULL OR ${rest})`;
  return sql`(${column} > ${value} OR (${column} = ${value} AND ${rest}))`;
}

function matchOf(type: string, row: Row, values: number): Match {
  const terms = row.terms as string;
  return {
    version: versionOf(type, row) as Match['version'],
    // Parsed when asked for: most searches follow no references.
    get terms() {
      return JSON.parse(terms) as string[];
    },
    position: {
      values: Array.from({ length: values }, (_, n) => row[`value${n}`] as string | number | null),
      id: row.id as string,
    },
  };
}
