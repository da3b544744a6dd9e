import type { Collection, Db, Filter } from 'mongodb';
import type { CodeRow, CodeTables, Selection, WordTest } from '../code-tables.ts';

/** A code of a table: `_id` is its table and key. */
interface CodeDocument {
  _id: string;
  table: string;
  key: string;
  position: number;
  text: string;
  words: readonly string[];
}

/** Deleted by one command. */
const deletedAtOnce = 1000;

interface TableDocument {
  _id: string;
  begun: number;
}

/**
 * The tables of codes on MongoDB: the collections `codes` and `codeTables`. `ask` runs what is asked of the database once
 * that has answered, and lets no error of the driver out.
 */
export function codeTablesOf(database: Db, ask: <T>(run: () => Promise<T>) => Promise<T>): CodeTables {
  const codes = database.collection<CodeDocument>('codes');
  const tables = database.collection<TableDocument>('codeTables');
  let prepared: Promise<unknown> | undefined;

  /** The indexes are made by who writes first. */
  const toWrite = <T>(run: () => Promise<T>): Promise<T> =>
    ask(async () => {
      prepared ??= codes
        .createIndexes([
          { name: 'words', key: { table: 1, words: 1, position: 1 } },
          { name: 'order', key: { table: 1, position: 1 } },
        ])
        .catch((error) => {
          prepared = undefined;
          throw error;
        });
      await prepared;
      return run();
    });

  return {
    add: (table, rows, now) =>
      toWrite(async () => {
        await tables.updateOne({ _id: table }, { $setOnInsert: { begun: now } }, { upsert: true });
        const ids = rows.map(({ key }) => idOf(table, key));
        await codes.deleteMany({ _id: { $in: ids } });
        await codes.insertMany(
          rows.map((row, index) => ({ _id: ids[index]!, table, ...row })),
          { ordered: false },
        );
      }),
    find: (table, keys) =>
      ask(async () =>
        (await codes.find({ _id: { $in: keys.map((key) => idOf(table, key)) } }).toArray()).map(rowOf),
      ),
    select: (table, { where, after = -1, limit }) =>
      ask(async () => {
        // One question for each set: an index gives each of them in the order.
        const sets = (where ?? [[]]).map((tests) =>
          codes
            .find({ ...filterOf(table, tests), position: { $gt: after } })
            .sort({ position: 1 })
            .limit(limit)
            .project<CodeDocument>({ words: 0 })
            .toArray(),
        );
        const found = new Map((await Promise.all(sets)).flat().map((each) => [each.position, rowOf(each)]));
        return [...found.values()].sort((a, b) => a.position - b.position).slice(0, limit);
      }),
    count: (table, where) => ask(() => codes.countDocuments(anyOf(table, where))),
    tables: () =>
      ask(async () => (await tables.find().toArray()).map(({ _id, begun }) => ({ table: _id, begun }))),
    drop: async (table) => {
      for (let left = true; left; ) left = await ask(() => deleteSome(codes, table));
      await ask(() => tables.deleteOne({ _id: table }));
    },
  };
}

/** Deletes some rows of a table, since one command must not be silent for long; false where there were none. */
async function deleteSome(codes: Collection<CodeDocument>, table: string): Promise<boolean> {
  const some = await codes
    .find({ table })
    .limit(deletedAtOnce)
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  if (some.length > 0) await codes.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } });
  return some.length > 0;
}

function idOf(table: string, key: string): string {
  return `${table} ${key}`;
}

function anyOf(table: string, where: Selection | undefined): Filter<CodeDocument> {
  return where ? { $or: where.map((tests) => filterOf(table, tests)) } : { table };
}

function filterOf(table: string, tests: readonly WordTest[]): Filter<CodeDocument> {
  const conditions = tests.map(conditionOf);
  return { table, ...(conditions.length > 0 && { $and: conditions }) };
}

function conditionOf({ word, isPrefix }: WordTest): Filter<CodeDocument> {
  if (!isPrefix) return { words: word };
  return { words: { $elemMatch: { $gte: word, $lt: `${word}\uffff` } } };
}

function rowOf({ key, position, text }: CodeDocument): CodeRow {
  return { key, position, text, words: [] };
}
