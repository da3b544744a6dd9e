import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Refusal } from '../../src/fhir/refusal.ts';
import { all, and, none, not, type Query, type Sort } from '../../src/fhir/search/query.ts';
import type { HistoryRequest, IndexedVersion, SearchRequest, Store } from '../../src/store/store.ts';
import { engines, type Place } from './places.ts';
import { aDeletion, asStored, aVersion, putAfterCurrent } from './versions.ts';

/** What every engine does. Each example uses resource types of its own, so none sees what another one kept. */
describe.each(engines)('on %s', (_, newPlace) => {
  let place: Place;
  let store: Store;
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const put = (next: IndexedVersion) => store.write((transaction) => putAfterCurrent(transaction, next));
  const putAll = (versions: readonly IndexedVersion[]) =>
    store.write(async (transaction) => {
      for (const version of versions) await putAfterCurrent(transaction, version);
    });

  describe('a version', () => {
    test('that was put is read back as it was', async () => {
      const version = aVersion({ id: 'zhang-san', text: '{"weight":1.50,"name":"张三😀"}' });
      await put(version);
      expect(await store.read('Patient', 'zhang-san')).toEqual(asStored(version));
      expect(await store.readVersion('Patient', 'zhang-san', 1)).toEqual(asStored(version));
    });

    test('of an unused id or type is not there', async () => {
      expect(await store.read('Patient', 'nobody')).toBeUndefined();
      expect(await store.read('Substance', 'nothing')).toBeUndefined();
      expect(await store.readVersion('Patient', 'nobody', 1)).toBeUndefined();
      expect(await store.readVersion('Substance', 'nothing', 1)).toBeUndefined();
    });

    test('that is replaced stays readable, the newest one is current', async () => {
      const versions = [1, 2, 3].map((version) =>
        aVersion({ id: 'li-si', version, updated: version * 1000 }),
      );
      for (const version of versions) await put(version);
      expect(await store.read('Patient', 'li-si')).toEqual(asStored(versions[2]!));
      for (const version of versions)
        expect(await store.readVersion('Patient', 'li-si', version.version)).toEqual(asStored(version));
      expect(await store.readVersion('Patient', 'li-si', 4)).toBeUndefined();
      expect(await store.readVersion('Patient', 'li-si', 0)).toBeUndefined();
    });

    test('can be a deletion, and be followed by a new version of the same id', async () => {
      const first = aVersion({ id: 'wang-wu', version: 1 }, { terms: ['gender|=male'] });
      const deletion = aDeletion({ id: 'wang-wu', version: 2 });
      const again = aVersion({ id: 'wang-wu', version: 3 }, { terms: ['gender|=male'] });
      const found = async () => (await search({ ids: ['wang-wu'] })).length;

      await put(first);
      expect(await found()).toBe(1);
      await put(deletion);
      expect(await store.read('Patient', 'wang-wu')).toEqual(asStored(deletion));
      expect(await found()).toBe(0);
      await put(again);
      expect(await store.read('Patient', 'wang-wu')).toEqual(asStored(again));
      expect(await found()).toBe(1);

      function search({ ids }: { ids: string[] }) {
        return store.search({ type: 'Patient', filter: { kind: 'id', ids }, sort: [], limit: 10 });
      }
    });
  });

  describe('a transaction', () => {
    test('that throws keeps nothing, and passes the error on', async () => {
      const error = new Error('refused by a rule');
      const work = store.write(async (transaction) => {
        await transaction.put(aVersion({ id: 'half-1' }, { terms: ['gender|=other'] }));
        await transaction.put(aVersion({ type: 'Slot', id: 'half-2' }));
        throw error;
      });
      await expect(work).rejects.toBe(error);
      expect(await store.read('Patient', 'half-1')).toBeUndefined();
      expect(await store.read('Slot', 'half-2')).toBeUndefined();
      expect(await store.count('Patient', { kind: 'term', term: 'gender|=other' })).toBe(0);
    });

    test('that throws takes nothing of those that run beside it', async () => {
      const works = Array.from({ length: 20 }, (_, n) =>
        store.write(async (transaction) => {
          await transaction.put(aVersion({ type: 'Group', id: `beside-${n}` }));
          if (n % 2 === 1) throw new Error('odd');
        }),
      );
      const results = await Promise.allSettled(works);
      for (const [n, { status }] of results.entries()) {
        expect(status).toBe(n % 2 === 1 ? 'rejected' : 'fulfilled');
        expect((await store.read('Group', `beside-${n}`)) !== undefined).toBe(n % 2 === 0);
      }
    });

    test('never decides by what one beside it has taken back', async () => {
      const put = (id: string) => aVersion({ type: 'Group', id });
      const failing = store.write(async (transaction) => {
        await transaction.put(put('taken-back'));
        throw new Error('no');
      });
      const following = store.write(async (transaction) => {
        const seen = await transaction.read('Group', 'taken-back');
        await transaction.put(put(seen ? 'misled' : 'on-its-own'));
      });
      await Promise.allSettled([failing, following]);
      expect(await store.read('Group', 'misled')).toBeUndefined();
      expect(await store.read('Group', 'on-its-own')).toBeDefined();
    });

    test('sees its own writes, which nobody else sees before its end', async () => {
      await store.write(async (transaction) => {
        await transaction.put(aVersion({ id: 'unborn', updated: 5 }, { terms: ['name|~unborn'] }));
        const filter: Query = { kind: 'term', term: 'name|~unborn' };
        expect(await transaction.read('Patient', 'unborn')).toBeDefined();
        expect(await transaction.readVersion('Patient', 'unborn', 1)).toBeDefined();
        expect(await transaction.count('Patient', filter)).toBe(1);
        expect(await transaction.search({ type: 'Patient', filter, sort: [], limit: 5 })).toHaveLength(1);
        expect(await transaction.history({ types: ['Patient'], id: 'unborn', limit: 5 })).toHaveLength(1);

        expect(await store.read('Patient', 'unborn')).toBeUndefined();
        expect(await store.count('Patient', filter)).toBe(0);
      });
      expect(await store.read('Patient', 'unborn')).toBeDefined();
    });

    test('can put several versions of one resource', async () => {
      await putAll([1, 2, 3].map((version) => aVersion({ id: 'thrice', version, updated: version })));
      expect((await store.read('Patient', 'thrice'))?.version).toBe(3);
      expect(await store.history({ types: ['Patient'], id: 'thrice', limit: 5 })).toHaveLength(3);
    });

    test('that waits for something outside stays one', async () => {
      const slow = store.write(async (transaction) => {
        await transaction.put(aVersion({ id: 'slow-1' }));
        await new Promise((resolve) => setTimeout(resolve, 20));
        await transaction.put(aVersion({ id: 'slow-2' }));
        throw new Error('too late');
      });
      const quick = store.write((transaction) => transaction.put(aVersion({ id: 'quick' })));
      await expect(slow).rejects.toThrow('too late');
      await quick;
      expect(await store.read('Patient', 'slow-1')).toBeUndefined();
      expect(await store.read('Patient', 'slow-2')).toBeUndefined();
      expect(await store.read('Patient', 'quick')).toBeDefined();
    });

    test('cannot be used after its end', async () => {
      const leaked = await store.write(async (transaction) => transaction);
      await expect(leaked.put(aVersion({ id: 'leaked' }))).rejects.toThrow('over');
      await expect(leaked.read('Patient', 'leaked')).rejects.toThrow('over');
    });

    test('gives the result of its work', async () => {
      expect(await store.write(async () => 42)).toBe(42);
    });

    test('refuses a second first version', async () => {
      await put(aVersion({ id: 'taken' }));
      const twin = store.write((transaction) => transaction.put(aVersion({ id: 'taken', text: '{}' })));
      await expect(twin).rejects.toMatchObject({ status: 409 });
      await expect(twin).rejects.toBeInstanceOf(Refusal);
      expect((await store.read('Patient', 'taken'))?.text).not.toBe('{}');
    });

    test('refuses to replace a version that is not the current one', async () => {
      const [first, second] = [1, 2].map((version) => aVersion({ id: 'moved-on', version }));
      await putAll([first!, second!]);
      const late = store.write((transaction) =>
        transaction.put(aVersion({ id: 'moved-on', version: 2, text: '{}' }), asStored(first!)),
      );
      await expect(late).rejects.toMatchObject({ status: 409 });
      expect(await store.read('Patient', 'moved-on')).toEqual(asStored(second!));
    });
  });

  describe('at the same time', () => {
    test('no update is lost', async () => {
      await put(aVersion({ id: 'counter', text: '0' }));
      const increment = () =>
        store.write(async (transaction) => {
          const current = await transaction.read('Patient', 'counter');
          const text = String(Number(current!.text) + 1);
          await transaction.put(aVersion({ id: 'counter', version: current!.version + 1, text }), current);
        });
      await Promise.all(Array.from({ length: 12 }, increment));
      expect((await store.read('Patient', 'counter'))?.text).toBe('12');
      const versions = await store.history({ types: ['Patient'], id: 'counter', limit: 50 });
      expect(versions.map(({ version }) => version)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    test('twins that each create what is not there make it once', async () => {
      const term = 'identifier|http://hospital.example.cn|ZZ2026';
      const createOnce = (id: string) =>
        store.write(async (transaction) => {
          await transaction.exclusive(`Basic?${term}`);
          if ((await transaction.count('Basic', { kind: 'term', term })) > 0) return 'found';
          await transaction.put(aVersion({ type: 'Basic', id }, { terms: [term] }));
          return 'created';
        });
      const results = await Promise.all(Array.from({ length: 10 }, (_, n) => createOnce(`twin-${n}`)));
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
      expect(await store.count('Basic', { kind: 'term', term })).toBe(1);
    });

    test('the first resources of many types come in', async () => {
      const types = ['Account', 'Claim', 'Goal', 'Invoice', 'Media', 'Person'];
      await Promise.all(types.map((type) => put(aVersion({ type, id: 'first' }))));
      await Promise.all(types.map((type) => expect(store.read(type, 'first')).resolves.toBeDefined()));
      expect(await store.types()).toEqual(expect.arrayContaining(types));
    });
  });

  describe('a history', () => {
    const made = [
      aVersion({ type: 'Task', id: 'a', version: 1, updated: 100, method: 'POST' }),
      aVersion({ type: 'Task', id: 'b', version: 1, updated: 100 }),
      aVersion({ type: 'Task', id: 'a', version: 2, updated: 200, method: 'PATCH' }),
      aDeletion({ type: 'Task', id: 'b', version: 2, updated: 300 }),
      aVersion({ type: 'Appointment', id: 'c', version: 1, updated: 200 }),
      aVersion({ type: 'Task', id: 'a', version: 3, updated: 400 }),
    ];
    const names = async (request: HistoryRequest) =>
      (await store.history(request)).map(({ id, version }) => `${id}${version}`);
    beforeAll(() => putAll(made));

    test('of a resource is newest first, each version as it was', async () => {
      const versions = await store.history({ types: ['Task'], id: 'a', limit: 10 });
      expect(versions).toEqual([made[5]!, made[2]!, made[0]!].map(asStored));
    });

    test('of a type holds deletions', async () => {
      expect(await names({ types: ['Task'], limit: 10 })).toEqual(['a3', 'b2', 'a2', 'a1', 'b1']);
    });

    test('of several types is one sequence, ties by type', async () => {
      const types = ['Task', 'Appointment', 'Substance'];
      expect(await names({ types, limit: 10 })).toEqual(['a3', 'b2', 'c1', 'a2', 'a1', 'b1']);
    });

    test('of everything holds all types', async () => {
      const versions = await store.history({ limit: 10_000 });
      expect(new Set(versions.map(({ type }) => type)).size).toBeGreaterThan(2);
      expect(versions).toEqual(expect.arrayContaining(made.map(asStored)));
    });

    test('since an instant begins with it', async () => {
      expect(await names({ types: ['Task'], since: 200, limit: 10 })).toEqual(['a3', 'b2', 'a2']);
    });

    test.each([
      [{ low: 150, high: 150 }, ['a1', 'b1']],
      [{ low: 200, high: 200 }, ['a2', 'b1']],
      [{ low: 150, high: 250 }, ['a2', 'a1', 'b1']],
      [{ low: 500, high: 600 }, ['a3', 'b2']],
      [{ low: 0, high: 99 }, []],
    ])('at %j holds what was current then', async (at, expected) => {
      expect(await names({ types: ['Task'], at, limit: 10 })).toEqual(expected);
    });

    test('comes in pages that lose nothing and repeat nothing', async () => {
      const whole = await store.history({ types: ['Task', 'Appointment'], limit: 100 });
      const pages = [];
      for (let after: HistoryRequest['after']; ; after = pages.at(-1)) {
        const page = await store.history({ types: ['Task', 'Appointment'], limit: 2, after });
        if (page.length === 0) break;
        pages.push(...page);
      }
      expect(pages).toEqual(whole);
    });
  });

  describe('a search', () => {
    const resources = [
      aVersion({ type: 'Organization', id: 'o1', updated: 1 }, { terms: ['name|~lead'] }),
      aVersion(
        { type: 'ServiceRequest', id: 'r1', updated: 10 },
        {
          terms: ['code|=a', 'name|~zhang san', 'performer|>Organization/o1', 'status|=active'],
          intervals: [{ name: 'authored', low: 100, high: 199 }],
          sort: { authored: { low: 100, high: 199 } },
          words: ['c|转诊'],
        },
      ),
      aVersion(
        { type: 'ServiceRequest', id: 'r2', updated: 20 },
        {
          terms: ['code|=a', 'code|=b', 'name|~zhang er', 'performer|>Organization/o2', 'status|=active'],
          intervals: [
            { name: 'authored', low: 300, high: 399 },
            { name: 'authored', low: -Number.MAX_VALUE, high: 10 },
          ],
          sort: { authored: { low: -Number.MAX_VALUE, high: 399 } },
        },
      ),
      aVersion(
        { type: 'ServiceRequest', id: 'r3', updated: 20 },
        {
          terms: ['code|=b', 'name|~100%_.*', 'status|=draft'],
        },
      ),
      aDeletion({ type: 'ServiceRequest', id: 'r4', updated: 30 }),
    ];
    const find = async (filter: Query, more: Partial<SearchRequest> = {}) => {
      const found = await store.search({ type: 'ServiceRequest', filter, sort: [], limit: 10, ...more });
      return found.map(({ version }) => version.id);
    };
    const term = (value: string): Query => ({ kind: 'term', term: value });
    beforeAll(() => putAll(resources));

    test('gives the version, its terms and its place', async () => {
      const [match] = await store.search({
        type: 'ServiceRequest',
        filter: term('code|=a'),
        sort: [],
        limit: 1,
      });
      expect(match!.version).toEqual(asStored(resources[2]!));
      expect(match!.terms).toEqual(resources[2]!.entries.terms);
      expect(match!.position).toEqual({ values: [20], id: 'r2' });
    });

    const cases: [string, Query, string[]][] = [
      ['everything', all, ['r2', 'r3', 'r1']],
      ['nothing', none, []],
      ['ids', { kind: 'id', ids: ['r1', 'r3', 'r4', 'unknown'] }, ['r3', 'r1']],
      ['no ids', { kind: 'id', ids: [] }, []],
      ['the time of the update', { kind: 'updated', is: { gte: 10, lt: 20 } }, ['r1']],
      ['a term', term('code|=a'), ['r2', 'r1']],
      ['two terms', and([term('code|=a'), term('code|=b')]), ['r2']],
      [
        'one of several terms',
        { kind: 'or', of: [term('code|=b'), term('name|~zhang san')] },
        ['r2', 'r3', 'r1'],
      ],
      ['the start of a term', { kind: 'terms', low: 'name|~zhang', high: 'name|~zhanh' }, ['r2', 'r1']],
      ['the inside of a term', { kind: 'contains', prefix: 'name|~', text: 'g e' }, ['r2']],
      [
        'signs that mean something to databases',
        { kind: 'contains', prefix: 'name|~', text: '0%_.*' },
        ['r3'],
      ],
      ['a word', { kind: 'word', word: 'c|转诊' }, ['r1']],
      [
        'an interval with both bounds',
        { kind: 'interval', name: 'authored', low: { lte: 150 }, high: { gte: 150 } },
        ['r1'],
      ],
      [
        'an interval within a day',
        { kind: 'interval', name: 'authored', low: { gte: 300 }, high: { lte: 399 } },
        ['r2'],
      ],
      ['an open interval', { kind: 'interval', name: 'authored', high: { lt: 50 } }, ['r2']],
      ['any interval', { kind: 'interval', name: 'authored' }, ['r2', 'r1']],
      ['the negation', not(term('code|=a')), ['r3']],
      ['the negation of a conjunction', not(and([term('code|=a'), term('code|=b')])), ['r3', 'r1']],
      [
        'a chain',
        { kind: 'chain', name: 'performer', target: 'Organization', filter: term('name|~lead') },
        ['r1'],
      ],
      [
        'a chain to what is not there',
        { kind: 'chain', name: 'performer', target: 'Organization', filter: all },
        ['r1'],
      ],
      [
        'a chain to a type without resources',
        { kind: 'chain', name: 'performer', target: 'Substance', filter: all },
        [],
      ],
      [
        'the negation of a chain',
        not({ kind: 'chain', name: 'performer', target: 'Organization', filter: all }),
        ['r2', 'r3'],
      ],
      [
        'alternatives of conditions of different kinds',
        { kind: 'or', of: [{ kind: 'id', ids: ['r3'] }, { kind: 'word', word: 'c|转诊' }, none] },
        ['r3', 'r1'],
      ],
    ];
    test.each(cases)('by %s', async (_, filter, expected) => {
      expect(await find(filter)).toEqual(expected);
      expect(await store.count('ServiceRequest', filter)).toBe(expected.length);
    });

    test('by what refers to it', async () => {
      const referred = (filter: Query): Query => ({
        kind: 'has',
        source: 'ServiceRequest',
        name: 'performer',
        filter,
      });
      const type = 'Organization';
      expect(await find(referred(term('status|=active')), { type })).toEqual(['o1']);
      expect(await find(referred(term('status|=draft')), { type })).toEqual([]);
      expect(await find(referred(not(term('status|=draft'))), { type })).toEqual(['o1']);
      expect(await find(not(referred(all)), { type })).toEqual([]);
    });

    test('by more alternatives than a statement can hold', async () => {
      const alternatives: Query[] = Array.from({ length: 3_000 }, (_, n) =>
        n % 2 === 0
          ? { kind: 'terms', low: `name|~x${n}`, high: `name|~x${n}z` }
          : { kind: 'interval', name: 'authored', low: { gte: 1e6 + n } },
      );
      expect(await find({ kind: 'or', of: [...alternatives, term('code|=a')] })).toEqual(['r2', 'r1']);
      expect(await find(not({ kind: 'or', of: alternatives }))).toEqual(['r2', 'r3', 'r1']);
    });

    const orders: [string, Sort[], string[]][] = [
      ['oldest first', [{ key: '_lastUpdated', descending: false }], ['r1', 'r2', 'r3']],
      ['by id, backwards', [{ key: '_id', descending: true }], ['r3', 'r2', 'r1']],
      [
        'by smallest value, those without one first',
        [{ key: 'authored', descending: false }],
        ['r3', 'r2', 'r1'],
      ],
      [
        'by largest value, those without one last',
        [{ key: 'authored', descending: true }],
        ['r2', 'r1', 'r3'],
      ],
      [
        'by two keys',
        [
          { key: '_lastUpdated', descending: true },
          { key: '_id', descending: true },
        ],
        ['r3', 'r2', 'r1'],
      ],
    ];
    describe.each(orders)('in order %s', (_, sort, expected) => {
      test('gives all', async () => {
        expect(await find(all, { sort })).toEqual(expected);
      });

      test('gives pages that lose nothing and repeat nothing', async () => {
        const ids: string[] = [];
        for (let after: SearchRequest['after']; ; ) {
          const page = await store.search({ type: 'ServiceRequest', filter: all, sort, limit: 1, after });
          if (page.length === 0) break;
          ids.push(...page.map(({ version }) => version.id));
          after = page.at(-1)!.position;
        }
        expect(ids).toEqual(expected);
      });
    });

    test('keeps its pages while others write', async () => {
      const updates = (n: number) =>
        aVersion({ type: 'Flag', id: `f${n}`, updated: 1000 + n }, { terms: ['x|=y'] });
      await putAll(Array.from({ length: 10 }, (_, n) => updates(n)));
      const page = (after?: SearchRequest['after']) =>
        store.search({ type: 'Flag', filter: term('x|=y'), sort: [], limit: 5, after });

      const first = await page();
      await putAll([
        aVersion({ type: 'Flag', id: 'new', updated: 5000 }, { terms: ['x|=y'] }),
        aDeletion({ type: 'Flag', id: 'f7', version: 2, updated: 5001 }),
      ]);
      const second = await page(first.at(-1)!.position);

      expect(first.map(({ version }) => version.id)).toEqual(['f9', 'f8', 'f7', 'f6', 'f5']);
      expect(second.map(({ version }) => version.id)).toEqual(['f4', 'f3', 'f2', 'f1', 'f0']);
    });

    test('of a type that has no resources finds nothing', async () => {
      expect(await find(all, { type: 'Substance' })).toEqual([]);
      expect(await store.count('Substance', all)).toBe(0);
    });

    test('finds a resource by its new entries only, once it is replaced', async () => {
      const entries = (value: string) => ({
        terms: [`code|=${value}`],
        words: [`c|${value}`],
        intervals: [{ name: 'date', low: value.length, high: value.length }],
      });
      const by = async (value: string) => [
        await store.count('Observation', term(`code|=${value}`)),
        await store.count('Observation', { kind: 'word', word: `c|${value}` }),
        await store.count('Observation', {
          kind: 'interval',
          name: 'date',
          low: { gte: value.length, lte: value.length },
        }),
      ];
      await put(aVersion({ type: 'Observation', id: 'o' }, entries('old')));
      expect(await by('old')).toEqual([1, 1, 1]);
      await put(aVersion({ type: 'Observation', id: 'o', version: 2, updated: 2000 }, entries('newer')));
      expect(await by('old')).toEqual([0, 0, 0]);
      expect(await by('newer')).toEqual([1, 1, 1]);
    });

    test('finds a resource by the entries that it was given afterwards', async () => {
      await put(aVersion({ type: 'Device', id: 'd' }, { terms: ['code|=before'] }));
      const reindex = (version: number, code: string) =>
        store.write((transaction) =>
          transaction.reindex('Device', 'd', version, { terms: [code], intervals: [], sort: {}, words: [] }),
        );
      await reindex(1, 'code|=after');
      expect(await store.count('Device', term('code|=before'))).toBe(0);
      expect(await store.count('Device', term('code|=after'))).toBe(1);
      await reindex(2, 'code|=too-early');
      expect(await store.count('Device', term('code|=after'))).toBe(1);
    });

    test('of the current version are replaced with its text when it is amended', async () => {
      await put(aVersion({ type: 'Device', id: 'amended', version: 1 }, { terms: ['_tag|=old'] }));
      const amended = aVersion(
        { type: 'Device', id: 'amended', version: 1, text: '{"tag":"new"}' },
        { terms: ['_tag|=new'] },
      );
      await store.write((transaction) => transaction.amend(amended));
      expect(await store.read('Device', 'amended')).toEqual(asStored(amended));
      expect(await store.count('Device', term('_tag|=old'))).toBe(0);
      expect(await store.count('Device', term('_tag|=new'))).toBe(1);
    });

    test('stay as they are when a version that was replaced is amended', async () => {
      await put(aVersion({ type: 'Device', id: 'two', version: 1 }, { terms: ['_tag|=first'] }));
      await put(
        aVersion({ type: 'Device', id: 'two', version: 2, updated: 2000 }, { terms: ['_tag|=second'] }),
      );
      const amended = aVersion(
        { type: 'Device', id: 'two', version: 1, text: '{"tag":"new"}' },
        { terms: ['_tag|=amended'] },
      );
      await store.write((transaction) => transaction.amend(amended));
      expect(await store.readVersion('Device', 'two', 1)).toEqual(asStored(amended));
      expect((await store.read('Device', 'two'))?.version).toBe(2);
      expect(await store.count('Device', term('_tag|=second'))).toBe(1);
      expect(await store.count('Device', term('_tag|=amended'))).toBe(0);
    });
  });

  test('what was kept is there when the store is opened again', async () => {
    const elsewhere = newPlace();
    const first = await elsewhere.open();
    await first.write((transaction) => transaction.put(aVersion({ id: 'kept' }, { terms: ['name|~kept'] })));
    await first.close();

    const second = await elsewhere.open();
    expect(await second.types()).toEqual(['Patient']);
    expect(await second.read('Patient', 'kept')).toBeDefined();
    expect(await second.count('Patient', { kind: 'term', term: 'name|~kept' })).toBe(1);
    await second.close();
    await elsewhere.remove();
  });
});
