import { newestFirst } from '../../fhir/search/order.ts';
import type { Query, Sort } from '../../fhir/search/query.ts';
import { exceeding } from '../page-bytes.ts';
import { bySelectivity } from '../selectivity.ts';
import type { Match, SearchRequest } from '../store.ts';
import { type Candidate, candidate, condition, type Known, termOf } from './condition.ts';
import type { Connection, Row } from './connection.ts';
import { hasOrder, isAfter, type Order, orderBy, orderOf, placed, sortValue } from './order.ts';
import { type Plan, plan, planNewest, type Statistics, type Wanted } from './plan.ts';
import { isInIndex, nowAndThen, rowsOfTerms } from './rows.ts';
import { table } from './schema.ts';
import { join, list, literal, type Sql, sql } from './sql.ts';
import { versionOf } from './versions.ts';

/** The rows that a search finds, in the order asked for: plain data, of which `matchesOf` makes matches. */
export function searchRows(connection: Connection, request: SearchRequest): Row[] {
  if (!connection.hasType(request.type) || request.filter.kind === 'none') return [];
  return connection.asOfNow(() => {
    const newest = newestFew(connection, request);
    const page = newest && readPage(connection, newest.statement, request);
    return page && (page.isFull || newest.areAll)
      ? page.rows
      : readPage(connection, searchStatement(connection, request), request).rows;
  });
}

/** The rows that a statement gives, as many as a page has room for, and whether it is full of them. */
function readPage(connection: Connection, statement: Sql, { limit, bytes }: SearchRequest) {
  if (bytes === undefined) {
    const rows = connection.all(statement);
    return { rows, isFull: rows.length === limit };
  }
  const exceeds = exceeding(bytes);
  let isFull = false;
  const rows = connection.until(statement, ({ text }) => {
    isFull = exceeds(text as string);
    return isFull;
  });
  return { rows, isFull: isFull || rows.length === limit };
}

/** The matches that the rows of a search are. */
export function matchesOf(
  { type, sort }: Pick<SearchRequest, 'type' | 'sort'>,
  rows: readonly Row[],
): Match[] {
  const values = sort.length > 0 ? sort.length : newestFirst.length;
  return rows.map((row) => matchOf(type, row, values));
}

/** The statement that a search runs, as of the time at which it is planned. */
export function searchStatement(connection: Connection, request: SearchRequest): Sql {
  const { type, filter, sort, limit } = request;
  const keys = sort.length > 0 ? sort : newestFirst;
  const order = existingOrder(connection, type, keys);
  const planned = plan(statisticsOf(connection), type, filter, { order: walkable(keys, order), limit });
  return selectOf(request, keys, source(connection, type, planned, walkOf(type, keys, order)));
}

/**
 * The statement of a first page among the newest few of those that a term finds, or of all where only readers are asked
 * for, and whether these are all: most that match (what is still waiting, what may be seen) is found within a few steps,
 * and there is nothing to plan. Undefined for any other search, also where testing those few in vain would cost more than
 * planning.
 */
function newestFew(
  connection: Connection,
  request: SearchRequest,
): { statement: Sql; areAll: boolean } | undefined {
  const { type, filter, sort, after, limit } = request;
  const keys = sort.length > 0 ? sort : newestFirst;
  if (after || walkable(keys, undefined) !== 'newest') return undefined;
  const walk = planNewest(filter);
  if (!walk) return undefined;
  const [within, updated] =
    walk.kind === 'term'
      ? [sql`${table(type, 'terms')} WHERE term = ${walk.term} ORDER BY updated DESC, row`, 'd.updated']
      : [sql`${table(type)} ORDER BY updated DESC, id`, 'm.updated'];
  const last = connection.get(sql`SELECT updated FROM ${within} LIMIT 1 OFFSET ${2 * limit}`);
  const walked = source(connection, type, walk, walkOf(type, keys, undefined));
  if (last) walked.conditions.push(sql`${literal(updated)} >= ${last.updated as number}`);
  return { statement: selectOf(request, keys, walked), areAll: !last };
}

/** Selects the columns of a search's rows, in its order. */
function selectOf(
  { after, limit, terms = true }: SearchRequest,
  keys: readonly Sort[],
  { from, of, conditions }: Source,
): Sql {
  const columns = { updated: of.updated, id: literal('m.id'), sort: literal('m.sort') };
  const values = keys.map((key) => sortValue(key, columns));
  if (after) conditions.push(isAfter(after, keys, values));
  return sql`
    SELECT m.id, m.version, m.updated, m.method, m.text, m.access, ${literal(terms ? 'm.terms,' : '')} ${list(
      values.map((value, n) => sql`${value} AS ${literal(`value${n}`)}`),
    )}
    FROM ${from} WHERE ${join(conditions, 'AND')}
    ORDER BY ${orderBy(keys, values)} LIMIT ${limit}`;
}

/** So few resources are sorted faster than anybody notices. */
const sortedAnyway = 1_000;

/** The index that would spare a search reading and sorting all that match; undefined where it is there, or none would. */
export function missingOrder(
  connection: Connection,
  { type, filter, sort, limit }: SearchRequest,
): Order | undefined {
  if (!connection.hasType(type)) return undefined;
  const order = orderOf(type, sort);
  const statistics = statisticsOf(connection);
  if (!order || hasOrder(connection, order) || statistics.size(type) < sortedAnyway) return undefined;
  return plan(statistics, type, filter, { order: 'indexed', limit }).kind === 'walk' ? order : undefined;
}

function existingOrder(connection: Connection, type: string, keys: readonly Sort[]): Order | undefined {
  const order = orderOf(type, keys);
  return order && hasOrder(connection, order) ? order : undefined;
}

/** The order in which all resources of the type can be walked through, of those that help. */
function walkable(keys: readonly Sort[], order: Order | undefined): Wanted['order'] {
  if (order) return 'indexed';
  return keys[0]!.key === '_lastUpdated' && keys[0]!.descending ? 'newest' : undefined;
}

/** By which index a walk goes. Left to itself SQLite prefers those of other orders, which hold fewer resources. */
function walkOf(type: string, [first]: readonly Sort[], order: Order | undefined): Sql {
  if (order) return literal(`INDEXED BY "${order.name}"`);
  if (first?.key === '_lastUpdated') return literal(`INDEXED BY "${type}.updated"`);
  return first?.key === '_id' ? literal(`INDEXED BY "sqlite_autoindex_${type}_1"`) : unordered;
}

/** Through the table itself. */
const unordered = literal('NOT INDEXED');

/** How many current resources match. */
export function count(connection: Connection, type: string, filter: Query): number {
  if (!connection.hasType(type) || filter.kind === 'none') return 0;
  return connection.asOfNow(() => connection.get(countStatement(connection, type, filter))!.n as number);
}

/** The statement that a count runs. Deletions have no entries, so terms alone are counted in their index. */
function countStatement(connection: Connection, type: string, filter: Query): Sql {
  const term = termOf(filter);
  if (term !== undefined)
    return sql`SELECT count(*) AS n FROM ${table(type, 'terms')}
      WHERE ${filter.kind === 'readers' ? nowAndThen : literal('in_time()')} AND term = ${term}`;
  if (filter.kind === 'and' && filter.of.every(isInIndex)) {
    const [first, ...others] = [...filter.of].sort(bySelectivity);
    if (first?.kind === 'term')
      return sql`SELECT count(*) AS n FROM (${rowsOfTerms(type, first.term, others, statisticsOf(connection))})`;
  }
  if (filter.kind === 'all')
    return sql`SELECT (SELECT count(*) FROM ${table(type)})
      - (SELECT count(*) FROM ${table(type)} WHERE text IS NULL) AS n`;
  const planned = plan(statisticsOf(connection), type, filter, { order: undefined, limit: 0 });
  const { from, conditions } = source(connection, type, planned, unordered);
  return sql`SELECT count(*) AS n FROM ${from} WHERE ${join(conditions, 'AND')}`;
}

interface Source {
  from: Sql;
  of: Candidate;
  conditions: Sql[];
}

/** The FROM clause of a planned search, and what is left to be tested on each row. CROSS JOIN fixes the order. */
function source(connection: Connection, type: string, planned: Plan, walk: Sql): Source {
  const of = candidateOf(planned, type);
  const current = table(type);
  const conditions = [
    literal('in_time()'),
    ...planned.others.map((query) => condition(query, of, knownOf(connection))),
    literal('m.text IS NOT NULL'),
  ];
  switch (planned.kind) {
    case 'term': {
      const from = sql`${table(type, 'terms')} d CROSS JOIN ${current} m ON m.row = d.row`;
      conditions.unshift(sql`d.term = ${planned.term}`);
      return { from, of, conditions };
    }
    case 'found': {
      const found = sql`(SELECT value AS row FROM json_each(${JSON.stringify(planned.rows)}))`;
      return { from: sql`${found} d CROSS JOIN ${current} m ON m.row = d.row`, of, conditions };
    }
    case 'rows': {
      const from = sql`(SELECT DISTINCT row FROM (${planned.rows})) d CROSS JOIN ${current} m ON m.row = d.row`;
      return { from, of, conditions };
    }
    case 'walk':
      return { from: sql`${current} m ${walk}`, of, conditions };
    default:
      throw new TypeError(`Unknown plan ${planned satisfies never}`);
  }
}

/** What the index of terms tells of a row that is walked to along it. */
const ofTerm = { row: literal('d.row'), updated: literal('d.updated'), audience: literal('d.audience') };

function candidateOf(planned: Plan, type: string): Candidate {
  const row = candidate(type, 'm');
  return planned.kind === 'term' ? { ...row, ...ofTerm } : row;
}

function knownOf(connection: Connection): Known {
  return {
    hasType: (type) => connection.hasType(type),
    leave: (labels) => connection.audiences.leave(labels),
  };
}

function statisticsOf(connection: Connection): Statistics {
  return {
    ...knownOf(connection),
    count: (select, most) =>
      connection.get(sql`SELECT count(*) AS n FROM (${select} LIMIT ${most})`)!.n as number,
    find: (select, most) => {
      // As one text, which is read only where they are few: a value for each row costs more than finding it.
      const { n, rows } = connection.get(
        sql`SELECT count(*) AS n, json_group_array(row) AS rows FROM (${select} LIMIT ${most})`,
      )!;
      return { count: n as number, rows: () => JSON.parse(rows as string) as number[] };
    },
    size: (type) => (connection.get(sql`SELECT max(row) AS n FROM ${table(type)}`)!.n as number | null) ?? 0,
  };
}

function matchOf(type: string, row: Row, values: number): Match {
  const terms = row.terms as string | undefined;
  return {
    version: versionOf(type, row) as Match['version'],
    // Parsed when asked for: most searches follow no references.
    get terms() {
      return terms === undefined ? [] : (JSON.parse(terms) as string[]);
    },
    position: {
      values: Array.from({ length: values }, (_, n) => placed(row[`value${n}`])),
      id: row.id as string,
    },
  };
}
