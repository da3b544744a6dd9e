import { byParameter, type Position } from '../../fhir/search/order.ts';
import type { Sort } from '../../fhir/search/query.ts';
import type { Candidate } from './condition.ts';
import type { Connection } from './connection.ts';
import { table } from './schema.ts';
import { list, literal, type Sql, sql } from './sql.ts';

/** An index that gives the resources of a type in the order of a sort. */
export interface Order {
  type: string;
  name: string;
  /** The statement that makes it. */
  create: string;
}

/** An order of more keys than that is made by sorting. */
const mostKeys = 3;
/** Names that stand in a statement as they are; those of clients' own search parameters can be others. */
const plainName = /^\w[\w-]{0,63}$/;
/** What no value is, in an order: SQLite then has one range of values where NULL would make two. */
const lowest = Number.NEGATIVE_INFINITY;

/** The index that would give a sort in order, be it there or not; undefined where none can or none more is needed. */
export function orderOf(type: string, sort: readonly Sort[]): Order | undefined {
  if (!byParameter(sort) || sort.length > mostKeys || !sort.every(({ key }) => plainName.test(key)))
    return undefined;
  const name = `${type}.order.${sort.map(({ key, descending }) => (descending ? `-${key}` : key)).join(',')}`;
  const columns = { id: literal('id'), updated: literal('updated'), sort: literal('sort') };
  const keys = sort.map((key) => `${sortValue(key, columns).text} ${key.descending ? 'DESC' : 'ASC'}`);
  const create = `CREATE INDEX IF NOT EXISTS "${name}" ON ${table(type).text} (${keys.join(', ')}, id) WHERE text IS NOT NULL`;
  return { type, name, create };
}

/** Whether the index is there. */
export function hasOrder(connection: Connection, { name }: Order): boolean {
  return connection.get(sql`SELECT count(*) AS n FROM pragma_index_info(${name})`)!.n !== 0;
}

/** The value of a sort key. What has none is `lowest`. Of a plain name it is the expression that is indexed. */
export function sortValue(
  { key, descending }: Sort,
  of: Pick<Candidate, 'updated'> & { id: Sql; sort: Sql },
): Sql {
  if (key === '_lastUpdated') return of.updated;
  if (key === '_id') return of.id;
  const path = `$.${JSON.stringify(key)}`;
  const end = `${path}[${descending ? 1 : 0}]`;
  // One value is kept as it is, two as a list (`sort-values.ts`).
  const [ofTwo, ofOne] = [end, path].map((at) => (plainName.test(key) ? literal(`'${at}'`) : at));
  return sql`ifnull(ifnull(json_extract(${of.sort}, ${ofTwo!}), json_extract(${of.sort}, ${ofOne!})), -9e999)`;
}

/** The order of a sort, ties broken by id. A value without parameters by itself, so that an index is seen. */
export function orderBy(keys: readonly Sort[], values: readonly Sql[]): Sql {
  const order = keys.map(({ descending }, n) => {
    const value = values[n]!;
    return literal(`${value.values.length === 0 ? value.text : `value${n}`} ${descending ? 'DESC' : 'ASC'}`);
  });
  return list([...order, literal('m.id')]);
}

/** The condition that a row stands after a position: one range of the first value, and the rest within it. */
export function isAfter(
  { values, id }: Position,
  keys: readonly Sort[],
  columns: readonly Sql[],
  n = 0,
): Sql {
  const column = columns[n];
  if (column === undefined) return sql`m.id > ${id}`;
  const value = values[n] ?? lowest;
  const beyond = literal(keys[n]!.descending ? '<' : '>');
  return sql`(${column} ${beyond}= ${value} AND (${column} ${beyond} ${value} OR ${isAfter({ values, id }, keys, columns, n + 1)}))`;
}

/** A value of a row as a position has it. */
export function placed(value: unknown): string | number | null {
  return value === lowest ? null : (value as string | number | null);
}
