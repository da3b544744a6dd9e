import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { newestFirst } from '../../src/fhir/search/order.ts';
import { and, type Query } from '../../src/fhir/search/query.ts';
import { collectionsOf } from '../../src/store/mongodb/collections.ts';
import { findFilter, sortOf } from '../../src/store/mongodb/search.ts';
import { Connection } from '../../src/store/sqlite/connection.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { SearchRequest, Store } from '../../src/store/store.ts';
import { onFilledMongo } from './filled-mongo.ts';
import { stepsOf } from './steps.ts';
import { aVersion } from './versions.ts';

/** So many referrals that walking through all of them would show. */
const size = 600;

async function fill(store: Store): Promise<void> {
  await store.write(async (transaction) => {
    await transaction.put(aVersion({ id: 'p7' }, { terms: ['identifier|=7'] }));
    for (let n = 0; n < size; n++) {
      const terms = [
        `identifier|http://hospital.example.cn|ZZ${n}`,
        `patient|>Patient/p${n % 100}`,
        `performer|>Organization/o${n % 3}`,
        `status|=${n % 2 === 0 ? 'active' : 'completed'}`,
        `text|~referral ${n}`,
      ];
      await transaction.put(
        aVersion(
          { type: 'ServiceRequest', id: `r${n}`, updated: n },
          {
            terms,
            intervals: [{ name: 'authored', low: n * 10, high: n * 10 + 9 }],
            words: [`c|w${n % 100}`],
          },
        ),
      );
    }
  });
}

const term = (value: string): Query => ({ kind: 'term', term: value });
const status = term('status|=active');
const patient = term('patient|>Patient/p7');
const performer = term('performer|>Organization/o1');
const request = (filter: Query, after?: SearchRequest['after']): SearchRequest => ({
  type: 'ServiceRequest',
  filter,
  sort: [],
  limit: 20,
  ...(after && { after }),
});
const middle = { values: [300], id: 'r300' };

/** Searches by an indexed term, with the number of resources that may be looked at. */
const byTerm: [string, SearchRequest, number][] = [
  ['an identifier', request(term('identifier|http://hospital.example.cn|ZZ7')), 1],
  ['the worklist of an organization', request(performer), 25],
  ['a page of that worklist', request(performer, middle), 25],
  ['the worklist with a status', request(and([status, performer])), 100],
  ['patient and status', request(and([status, patient])), 10],
  [
    'patient and one of several statuses',
    request(and([{ kind: 'or', of: [status, term('status|=draft')] }, patient])),
    10,
  ],
  [
    'the start of a text',
    request({ kind: 'terms', low: 'text|~referral 59', high: 'text|~referral 5:' }),
    15,
  ],
  ['a word', request({ kind: 'word', word: 'c|w7' }), 10],
  [
    'a chain',
    request({ kind: 'chain', name: 'patient', target: 'Patient', filter: term('identifier|=7') }),
    10,
  ],
];
const byDay: [string, SearchRequest, number][] = [
  ['a day', request({ kind: 'interval', name: 'authored', low: { gte: 100 }, high: { lt: 150 } }), 30],
];

describe('on the embedded engine, no search by an indexed term walks through a table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-store-'));
  let store: Store;
  let connection: Connection;
  beforeAll(async () => {
    store = openSqliteStore({ folder });
    await fill(store);
    connection = new Connection(join(folder, 'zhuanzhen.sqlite'), { readOnly: true });
  });
  afterAll(async () => {
    connection.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  test.each([...byTerm, ...byDay])('%s', (_, request) => {
    const steps = stepsOf(connection, request);
    // `d` is the rows found so far, and json_each walks through the entries of one row.
    // A match of the full-text index is called a scan, with an `M` in what it is driven by.
    const walks = steps.filter((step) =>
      /^SCAN (?!d$|\(subquery-\d+\)|\w+ VIRTUAL|json_each|\S+ VIRTUAL TABLE INDEX \d+:.*M)/.test(step),
    );
    expect(walks).toEqual([]);
    expect(steps).toContainEqual(
      expect.stringMatching(
        /^SEARCH .* (PRIMARY KEY|INDEX) \((term|name|id)[=<>]|VIRTUAL TABLE INDEX \d+:.*M/,
      ),
    );
  });
});

onFilledMongo('on MongoDB, no search by an indexed term walks through a collection', fill, (mongo) => {
  async function explain(request: SearchRequest): Promise<{ stages: string; examined: number }> {
    const collections = collectionsOf(mongo.client, mongo.client.db());
    const plan = await collections
      .current(request.type)
      .find(await findFilter(collections, request), { sort: sortOf(newestFirst), limit: request.limit })
      .explain('executionStats');
    const { winningPlan } = plan.queryPlanner as Document;
    return { stages: JSON.stringify(winningPlan), examined: plan.executionStats.totalDocsExamined as number };
  }

  test.each(byTerm)('%s', async (_, request, most) => {
    const { stages, examined } = await explain(request);
    expect(stages).toContain('IXSCAN');
    expect(stages).not.toContain('COLLSCAN');
    expect(examined).toBeLessThanOrEqual(most);
  });

  test.each(byDay)('%s', async (_, request, most) => {
    // The stand-in walks where MongoDB uses the index on intervals; what it finds is right all the same.
    if ('secantusVersion' in (await mongo.client.db('admin').command({ buildInfo: 1 }))) return;
    const { stages, examined } = await explain(request);
    expect(stages).toContain('intervals');
    expect(examined).toBeLessThanOrEqual(most);
  });
});
