import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CodeRow, Selection } from '../../src/store/code-tables.ts';
import type { EngineStore } from '../../src/store/engine.ts';
import { engines, type Place } from './places.ts';

/** Rows with these words, in this order. */
function rowsOf(words: Record<string, readonly string[]>): CodeRow[] {
  return Object.entries(words).map(([key, words], position) => ({ key, position, words, text: `${key}!` }));
}

describe.each(engines)('on %s', (_, newPlace) => {
  let place: Place;
  let store: EngineStore;
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const keys = (rows: readonly CodeRow[]) => rows.map(({ key }) => key);
  const selected = async (table: string, where?: Selection) =>
    keys(await store.codeTables.select(table, { where, limit: 10 }));

  test('codes are found in their table, and in no other', async () => {
    const { codeTables } = store;
    await codeTables.add('first', rowsOf({ 'I10.x': ['a'], '中 "文"': ['b'], I11: ['c'] }), 5);
    await codeTables.add('second', rowsOf({ 'I10.x': ['d'] }), 6);
    const found = await codeTables.find('first', ['I11', '中 "文"', 'I12', 'i11']);
    expect(found.toSorted((a, b) => a.position - b.position)).toEqual([
      { key: '中 "文"', position: 1, text: '中 "文"!', words: [] },
      { key: 'I11', position: 2, text: 'I11!', words: [] },
    ]);
    expect(await codeTables.find('third', ['I11'])).toEqual([]);
    expect(await codeTables.tables()).toEqual(
      expect.arrayContaining([
        { table: 'first', begun: 5 },
        { table: 'second', begun: 6 },
      ]),
    );
  });

  test('rows are selected by words and beginnings of words, all of a set and any of several', async () => {
    const { codeTables } = store;
    await codeTables.add(
      'words',
      rowsOf({
        a: ['高血', '血压', 'gxy'],
        b: ['高血', '血脂', 'gxz'],
        c: ['低血', '血压', 'dxy'],
      }),
      0,
    );
    await codeTables.add('others', rowsOf({ a: ['高血', '血压', 'gxy'] }), 0);
    const cases: [Selection | undefined, string[]][] = [
      [undefined, ['a', 'b', 'c']],
      [[[{ word: '高血' }]], ['a', 'b']],
      [[[{ word: '高血' }, { word: '血压' }]], ['a']],
      [[[{ word: '血', isPrefix: true }]], ['a', 'b', 'c']],
      [[[{ word: 'gx', isPrefix: true }]], ['a', 'b']],
      [[[{ word: 'g', isPrefix: true }, { word: '血脂' }]], ['b']],
      [
        [[{ word: 'dxy' }], [{ word: 'gxy' }]],
        ['a', 'c'],
      ],
      [[[{ word: 'gx' }]], []],
      [[[{ word: '" OR "' }]], []],
    ];
    for (const [where, expected] of cases) {
      expect(await selected('words', where)).toEqual(expected);
      expect(await codeTables.count('words', where)).toBe(expected.length);
    }
  });

  test('by pages, in their order', async () => {
    const { codeTables } = store;
    const rows = Array.from({ length: 25 }, (_, n) => [`c${n}`, n % 2 ? ['odd'] : ['even']] as const);
    await codeTables.add('pages', rowsOf(Object.fromEntries(rows)), 0);
    const where = [[{ word: 'odd' }]];
    const read: string[] = [];
    for (let after: number | undefined; ; ) {
      const page = await codeTables.select('pages', { where, after, limit: 5 });
      read.push(...keys(page));
      after = page.at(-1)?.position;
      if (page.length === 0) break;
    }
    expect(read).toEqual(rows.filter((_, n) => n % 2 === 1).map(([key]) => key));
  });

  test('a key that comes again gives way to the later one', async () => {
    const { codeTables } = store;
    await codeTables.add('again', rowsOf({ a: ['first'], b: ['first'] }), 0);
    await codeTables.add('again', [{ key: 'a', position: 7, text: 'anew', words: ['second'] }], 0);
    expect(await selected('again')).toEqual(['b', 'a']);
    expect(await selected('again', [[{ word: 'first' }]])).toEqual(['b']);
    expect(await codeTables.find('again', ['a'])).toEqual([
      { key: 'a', position: 7, text: 'anew', words: [] },
    ]);
  });

  test('a table that is dropped is gone, and no other', async () => {
    const { codeTables } = store;
    await codeTables.add('gone', rowsOf({ a: ['w'], b: ['w'] }), 0);
    await codeTables.add('kept', rowsOf({ a: ['w'] }), 0);
    await codeTables.drop('gone');
    expect(await codeTables.count('gone')).toBe(0);
    expect(await selected('gone', [[{ word: 'w' }]])).toEqual([]);
    expect(await selected('kept', [[{ word: 'w' }]])).toEqual(['a']);
    expect((await codeTables.tables()).map(({ table }) => table)).not.toContain('gone');
    await codeTables.add('gone', rowsOf({ c: ['w'] }), 0);
    expect(await selected('gone', [[{ word: 'w' }]])).toEqual(['c']);
  });

  test('what was added is there after the store was opened anew', async () => {
    const folder = newPlace();
    const before = await folder.open();
    await before.codeTables.add('durable', rowsOf({ a: ['w'] }), 0);
    await before.close();
    const after = await folder.open();
    expect(keys(await after.codeTables.select('durable', { where: [[{ word: 'w' }]], limit: 5 }))).toEqual([
      'a',
    ]);
    await after.close();
    await folder.remove();
  });
});
