import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import type { Query } from '../../src/fhir/search/query.ts';
import { collectionsOf } from '../../src/store/mongodb/collections.ts';
import { findFilter } from '../../src/store/mongodb/search.ts';
import { Connection } from '../../src/store/sqlite/connection.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { SearchRequest, Store } from '../../src/store/store.ts';
import { read, searchable, searchServer } from '../environment/search.ts';
import { onFilledMongo } from '../store/filled-mongo.ts';
import { stepsOf } from '../store/steps.ts';
import { aVersion } from '../store/versions.ts';
import { at, parametersOf } from './table.ts';
import { catalogue } from './tables/catalogue.ts';

const tables = Object.values(catalogue).flat();
const { base } = searchServer;

/** So many other resources of each type that walking through all of them would show. */
const others = 200;

/** Puts all resources of the tables into a store, each table's under ids of its own. */
async function fill(store: Store): Promise<void> {
  await store.write(async (transaction) => {
    const types = new Set<string>();
    for (const [n, { given }] of tables.entries()) {
      for (const resource of at(base, given)) {
        const { type, id, entries } = searchable(resource);
        types.add(type);
        await transaction.put(aVersion({ type, id: `${id}.${n}` }, entries));
      }
    }
    for (const type of types)
      for (let n = 0; n < others; n++)
        await transaction.put(aVersion({ type, id: `further.${n}` }, { terms: [`further|=${n}`] }));
  });
}

/** Only what is not there can be asked for by walking through all that is. */
function asksForAbsence(search: string): boolean {
  return parametersOf(search).every(
    ([name, value]) =>
      value === '' ||
      /:(not|not-in)$/.test(name) ||
      (name.endsWith(':missing') && value === 'true') ||
      (name === '_filter' && /^not|\bni\b|pr false/.test(value)),
  );
}

const searches = tables
  .flatMap(({ finds = [] }) => finds.map(([search]) => at(base, search)))
  .filter((search) => !asksForAbsence(search));

function requestOf(search: string): SearchRequest {
  const type = search.slice(0, search.indexOf('?'));
  return { type, filter: read(search).filter, sort: [], limit: 20 };
}

describe('on the embedded engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-explain-'));
  let connection: Connection;
  beforeAll(async () => {
    const store = openSqliteStore({ folder });
    await fill(store);
    await store.close();
    connection = new Connection(join(folder, 'zhuanzhen.sqlite'), { readOnly: true });
  });
  afterAll(() => {
    connection.close();
    rmSync(folder, { recursive: true });
  });

  /** The tables that a search walks through from end to end. */
  function walkedThrough(request: SearchRequest): string[] {
    if (request.filter.kind === 'none' || !connection.types.has(request.type)) return [];
    return stepsOf(connection, request)
      .filter((step) => step.startsWith('SCAN '))
      .filter((step) => !/^SCAN (?:CONSTANT ROW|\(subquery-\d+\)|[cdo]$|.* VIRTUAL TABLE)/.test(step));
  }

  test('no search of the tables of examples walks through all resources of a type', () => {
    const walks = searches.flatMap((search) =>
      walkedThrough(requestOf(search)).map((step) => [search, step]),
    );
    expect(walks).toEqual([]);
  });

  test('a search that only asks for absence does, so that it would be seen', () => {
    expect(walkedThrough(requestOf('Patient?gender:not=male'))).not.toEqual([]);
  });

  test('many conditions are tests of a row, not joins, whose order would have to be planned', () => {
    const query = Array.from({ length: 100 }, (_, n) => `name:contains=n${n}`).join('&');
    const steps = stepsOf(connection, requestOf(`Patient?${query}`));
    expect(steps.filter((step) => /SCALAR SUBQUERY/.test(step)).length).toBeGreaterThan(90);
  });
});

onFilledMongo('on MongoDB', fill, (mongo) => {
  /** What every MongoDB, and what stands in for it, serves from an index: terms that all must be there. */
  const isOfTerms = (query: Query): boolean =>
    query.kind === 'term' || (query.kind === 'and' && query.of.every(isOfTerms));

  test('searches by codes, identifiers, references and URLs use an index', async () => {
    const collections = collectionsOf(mongo.client, mongo.client.db());
    const walks: string[] = [];
    for (const search of searches) {
      const request = requestOf(search);
      if (!isOfTerms(request.filter)) continue;
      const plan = await collections
        .current(request.type)
        .find(await findFilter(collections, request))
        .explain('queryPlanner');
      const stages = JSON.stringify((plan.queryPlanner as Document).winningPlan);
      if (!stages.includes('IXSCAN') || stages.includes('COLLSCAN')) walks.push(search);
    }
    expect(walks).toEqual([]);
  });
});
